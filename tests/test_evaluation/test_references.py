import logging
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from haresreid.evaluation import (
    SYSUProtocol,
    evaluate_chance,
    evaluate_references,
    hog_features,
    hsv_features,
    patch_features,
    references,
)


@pytest.fixture
def images(tmp_path):
    """6 people in cameras 1, 2 (visible) and 3, 6 (infrared), told apart by the width of their stripes, not colour."""
    rows = [(pid, camid, shot) for pid in range(1, 7) for camid in (1, 2, 3, 6) for shot in range(2)]
    rng = np.random.default_rng(0)
    paths = []
    for pid, camid, shot in rows:
        stripes = np.sin(np.arange(96) / (pid + 1.5))[:, None, None] * 60 + 128
        picture = stripes * rng.uniform(0.8, 1.2, 1 if camid in (3, 6) else 3) + rng.normal(0, 4, (96, 48, 3))
        paths.append(str(tmp_path / f'{camid}_{pid}_{shot}.png'))
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(paths[-1])
    pids, camids, _ = np.array(rows).T
    return SimpleNamespace(pids=pids, camids=camids, modalities=np.isin(camids, (3, 6)).astype(int), img_paths=paths)


@pytest.mark.parametrize('describe, dimensions', [(hog_features, 3780), (hsv_features, 768), (patch_features, 45)])
def test_descriptors(images, describe, dimensions):
    features = describe(images.img_paths)
    assert features.shape == (48, dimensions) and features.dtype == np.float32
    assert np.allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)


def test_pool_and_loop_agree(images, monkeypatch):
    expected = np.stack(references._describe_all('hog', references._hog, images.img_paths))
    monkeypatch.setattr(references, 'PARALLEL_FROM', 10)
    assert np.array_equal(references._describe_all('hog', references._hog, images.img_paths), expected)


def test_cache_is_used_until_an_image_changes(images, monkeypatch):
    first = hog_features(images.img_paths)
    calls = []
    monkeypatch.setattr(references, '_describe_all', lambda *args: calls.append(1) or list(first))
    assert np.array_equal(hog_features(images.img_paths), first) and not calls
    Image.new('RGB', (48, 96)).save(images.img_paths[0])
    hog_features(images.img_paths)
    assert calls == [1]


def test_unwritable_cache_is_no_error(images, monkeypatch, tmp_path, caplog):
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'file'))
    with caplog.at_level(logging.INFO):
        assert len(hog_features(images.img_paths)) == 48


def test_hog_sees_shape_and_hsv_does_not(images):
    results = evaluate_references(('chance', 'hog', 'hsv'), images, [SYSUProtocol('all')])
    rank1 = {name: result[0].mean('R1') for name, result in results.items()}
    assert rank1['hog'] > 0.9
    assert rank1['hsv'] < 2 * rank1['chance']


def test_patches_do_not_tell_where_they_lie(tmp_path):
    """A picture of two halves, the same halves the other way round, and two others: hog tells all apart."""
    wave = np.sin(np.arange(64) / 2)
    rows, columns = (np.broadcast_to(120 + 90 * half, (64, 64)) for half in (wave[:, None], wave))
    paths = [str(tmp_path / f'{number}.png') for number in range(3)]
    for path, halves in zip(paths, ((rows, columns), (columns, rows), (rows, rows))):
        Image.fromarray(np.concatenate(halves).astype(np.uint8)).save(path)
    for describe, alike in ((hog_features, False), (patch_features, True)):
        picture, swapped, other = describe(paths)
        assert (picture @ swapped > 0.99) == alike
        assert picture @ other < 0.9


def test_chance_is_the_expectation(images):
    # Infrared camera 3 sees one image of each of 6 people, camera 6 two: a random ranking starts right 1 time in 6.
    # Expected AP: 1 of 6 images mean(1/k); 2 of 12 images (H + (n - H) / (n - 1)) / n with n = 12, H = sum(1/k).
    result = evaluate_chance(images, SYSUProtocol('all'))
    harmonic = np.cumsum(1 / np.arange(1, 13))
    expected_ap = (harmonic[5] / 6 + (harmonic[11] + (12 - harmonic[11]) / 11) / 12) / 2
    assert result.mean('R1') == pytest.approx(1 / 6, abs=0.005)
    assert result.mean('R5') == pytest.approx(5 / 6, abs=0.005)
    assert result.mean('mAP') == pytest.approx(expected_ap, abs=0.005)
    assert evaluate_chance(images, SYSUProtocol('all')).mean('R1') == result.mean('R1')
    assert result.num_queries == 24 and result.num_valid.tolist() == [24] * 10
