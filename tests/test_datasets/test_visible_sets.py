"""Visible data sets, and the check of them."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from haresreid.checking import check_visible_set
from haresreid.datasets import CUHK03, MSMT17, CrossModalityIdentitySampler, Market1501
from haresreid.datasets.visible_sets import VISIBLE_SETS
from haresreid.structures import Modality

IMAGES = dict(
    market1501=[
        'bounding_box_train/0002_c1s1_000451_03.jpg',
        'bounding_box_train/0002_c6s2_000001_01.jpg',
        'bounding_box_train/0007_c3s3_077419_03.jpg',
    ],
    msmt17=[
        'train/0000/0000_000_01_0303morning_0008_0.jpg',
        'train/0000/0000_001_15_0303noon_0018_1.jpg',
        'train/0012/0012_000_07_0114afternoon_0023_0.jpg',
    ],
    cuhk03=[
        'bounding_box_train/0001_c1_1.png',
        'bounding_box_train/0001_c2_6.png',
        'bounding_box_train/0003_c1_23.png',
    ],
)
EXPECTED = dict(market1501=([2, 2, 7], [1, 6, 3]), msmt17=([0, 0, 12], [1, 15, 7]), cuhk03=([1, 1, 3], [1, 2, 1]))


@pytest.fixture
def root(request, tmp_path):
    """A tree of three images, in the layout that the test names."""
    for number, path in enumerate(IMAGES[request.param]):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (16, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / path)
    (tmp_path / Path(IMAGES[request.param][0]).parent / 'Thumbs.db').touch()
    return str(tmp_path)


@pytest.mark.parametrize('root, name', [(name, name) for name in VISIBLE_SETS], indirect=['root'])
def test_a_name_says_identity_and_camera(root, name):
    images = VISIBLE_SETS[name](root, check_counts=False)
    assert (images.pids.tolist(), images.camids.tolist()) == EXPECTED[name]
    assert images.labels.tolist() == [0, 0, 1] and set(images.modalities) == {Modality.VISIBLE}


@pytest.mark.parametrize('kind, ids', [(Market1501, 751), (MSMT17, 1041), (CUHK03, 767)])
def test_the_published_number_of_identities(kind, ids):
    assert kind.num_classes_of({}) == ids and kind.num_classes_of(dict(check_counts=False)) is None


@pytest.mark.parametrize('root', ['market1501'], indirect=True)
def test_batches_are_of_visible_images_alone(root):
    images = Market1501(root, check_counts=False)
    sampler = CrossModalityIdentitySampler(images, num_ids=2, num_instances=3, seed=0)
    batch = images.labels[[int(index) for index in sampler][:6]].reshape(2, 3)
    assert (batch == batch[:, :1]).all() and set(batch[:, 0]) == {0, 1}
    assert CrossModalityIdentitySampler.batch_size_of(dict(num_ids=2, num_instances=3), Market1501) == 6


@pytest.mark.parametrize('root', ['market1501'], indirect=True)
def test_what_it_refuses(root):
    with pytest.raises(ValueError, match=r'found 2 ids \(expected 751\), 3 visible \(expected 12936\)'):
        Market1501(root)
    with pytest.raises(ValueError, match="Market-1501 is here to train on, and its subset 'test' is asked for"):
        Market1501(root, 'test')
    Path(root, 'bounding_box_train/-1_c1s1_000401_03.jpg').touch()
    with pytest.raises(ValueError, match=r'does not say identity and camera; names look like 0002_c1s1_000451_03.jpg'):
        Market1501(root, check_counts=False)
    with pytest.raises(FileNotFoundError, match='MSMT17: .* lacks train'):
        MSMT17(root)


@pytest.mark.parametrize('root', ['market1501'], indirect=True)
def test_the_check_reports_every_fault(root, monkeypatch):
    monkeypatch.setattr(Market1501, 'COUNTS', dict(train=dict(ids=2, visible=3)))
    report = check_visible_set(root, 'market1501')
    assert not report.findings and report.subsets == dict(train=dict(ids=2, visible=3, infrared=0, images=3))

    folder = Path(root, 'bounding_box_train')
    (folder / '-1_c1s1_000401_03.jpg').write_bytes((folder / '0002_c1s1_000451_03.jpg').read_bytes())
    (folder / '0009_c1s1_000001_01.jpg').write_bytes((folder / '0007_c3s3_077419_03.jpg').read_bytes())
    (folder / '0009_c1s1_000002_01.jpg').touch()
    (folder / '0009_c1s1_000003_01.jpg').write_bytes(b'no image')
    found = {finding.kind: finding for finding in check_visible_set(root, 'market1501').findings}
    assert {kind: len(finding.places) for kind, finding in found.items()} == {
        'odd name': 1,
        'empty file': 1,
        'no image': 1,
        'duplicate image': 1,
        'wrong number': 1,
    }
    assert '3 ids (expected 2), 6 visible (expected 3)' in found['wrong number'].found
    quick = {finding.kind for finding in check_visible_set(root, 'market1501', quick=True).findings}
    assert quick == {'odd name', 'empty file', 'wrong number'}


@pytest.mark.parametrize('root', ['cuhk03'], indirect=True)
def test_the_command(root, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['check.py', 'cuhk03', root])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(Path(__file__).parents[2] / 'tools/dataset/check.py'), run_name='__main__')
    printed = capsys.readouterr().out
    assert stopped.value.code == 1 and 'train: 2 identities, 3 visible and 0 infrared images' in printed
    assert 'ERROR wrong number: The training images have 2 ids (expected 767).' in printed
