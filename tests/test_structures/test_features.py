import numpy as np
import pytest

from haresreid.evaluation import FeatureSet
from haresreid.structures import Features


def features(number: int = 12) -> Features:
    rows = np.random.default_rng(0).normal(size=(number, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Features(rows, [f'<{row}>.png' for row in range(number)], np.arange(number) % 2)


def test_rows_are_chosen_by_number_slice_list_or_mask():
    whole = features()
    odd = (whole.modalities == 1, range(1, 12, 2))
    for key, rows in ((3, [3]), (-1, [11]), (slice(2, 9, 3), [2, 5, 8]), ([4, 0], [4, 0]), odd):
        chosen = whole[key]
        assert len(chosen) == len(rows) and chosen.paths == [f'<{row}>.png' for row in rows]
        np.testing.assert_array_equal(chosen.features, whole.features[list(rows)])
        np.testing.assert_array_equal(chosen.modalities, whole.modalities[list(rows)])
    assert [row.paths for row in whole] == [[path] for path in whole.paths]
    with pytest.raises(IndexError):
        whole[12]


def test_a_file_gives_back_what_was_saved(tmp_path):
    whole = features()
    whole.save(tmp_path / 'features')  # under the very name
    again = Features.load(tmp_path / 'features')
    np.testing.assert_array_equal(again.features, whole.features)
    assert again.paths == whole.paths and again.modalities.tolist() == whole.modalities.tolist()


def test_a_dump_of_a_test_is_read(tmp_path):
    whole = features()
    FeatureSet(whole.features, np.zeros(12), np.zeros(12), whole.modalities, whole.paths).save(tmp_path / 'dump.npz')
    assert Features.load(tmp_path / 'dump.npz').paths == whole.paths


def test_what_are_no_features_is_refused(tmp_path):
    whole = features()
    with pytest.raises(ValueError, match="'features': 12, .*'img_paths': 11"):
        Features(whole.features, whole.paths[1:], whole.modalities)
    for modality in (0.5, 2, np.nan):
        with pytest.raises(ValueError, match=f"modalities, row 11: '{modality}' is no whole number from 0 to 1"):
            Features(whole.features, whole.paths, [*whole.modalities[:-1], modality])
    for array in (whole.features + 0j, whole.features.astype('M8[s]'), whole.features.astype(str), np.float32(1)):
        with pytest.raises(ValueError, match='array of numbers, not .* of shape'):
            Features(array, whole.paths, whole.modalities)
    bad = whole.features.copy()
    bad[4], bad[7] = np.nan, 2 * bad[7]
    with pytest.raises(ValueError, match="2 of 12 features are not L2-normalised; .* row 4 '<4>.png', of length nan"):
        Features(bad, whole.paths, whole.modalities)
    np.savez(tmp_path / 'other.npz', features=whole.features)
    with pytest.raises(ValueError, match='other.npz lacks modalities, img_paths'):
        Features.load(tmp_path / 'other.npz')
    np.savez(
        tmp_path / 'half.npz',
        features=whole.features,
        modalities=whole.modalities,
        img_paths=np.array(['\ud83d', *whole.paths[1:]]),
    )
    with pytest.raises(ValueError, match=r"half.npz: img_paths, row 0: '\\ud83d' is no text"):
        Features.load(tmp_path / 'half.npz')
    (tmp_path / 'text.npz').write_text('text')
    with pytest.raises(ValueError, match='text.npz is no .npz file'):
        Features.load(tmp_path / 'text.npz')
    with pytest.raises(FileNotFoundError, match="There is no feature file 'nowhere.npz'"):
        Features.load('nowhere.npz')


def test_a_notebook_shows_the_first_ten():
    html = features()._repr_html_()
    assert 'Features of 12 images (6 visible, 6 infrared), 5 numbers each' in html
    assert '&lt;9&gt;.png' in html and '&lt;10&gt;.png' not in html and 'and 2 more' in html
