import numpy as np
import pytest

from haresreid.evaluation import FeatureSet


def arrays(**changes):
    return dict(
        dict(features=np.eye(3), pids=[4, 4, 9], camids=[1, 3, 3], modalities=[0, 1, 1], img_paths=['a', 'b', 'ü/c d']),
        **changes,
    )


def test_survives_a_file(tmp_path):
    info = dict(dataset=dict(dataset='RegDB', split=3), flip=False, config=dict(name='ü', hash='0123'))
    feature_set = FeatureSet(**arrays(), info=info)
    feature_set.save(tmp_path / 'features.npz')
    loaded = FeatureSet.load(tmp_path / 'features.npz')
    assert loaded.info == info
    assert loaded.img_paths == feature_set.img_paths and loaded.features.dtype == np.float32
    for name in ('features', 'pids', 'camids', 'modalities'):
        assert np.array_equal(getattr(loaded, name), getattr(feature_set, name))


def test_a_part_keeps_labels_and_info():
    part = FeatureSet(**arrays(), info=dict(flip=True))[[2, 0]]
    assert isinstance(part, FeatureSet) and part.info == dict(flip=True)
    assert (part.pids.tolist(), part.camids.tolist(), part.modalities.tolist()) == ([9, 4], [3, 1], [1, 0])
    assert part.img_paths == ['ü/c d', 'a'] and np.array_equal(part.features, np.eye(3)[[2, 0]])


def test_reads_a_file_without_info(tmp_path):
    np.savez(tmp_path / 'old.npz', **arrays())
    assert FeatureSet.load(tmp_path / 'old.npz').info == {}


def test_a_failed_save_leaves_the_file_before_it(tmp_path):
    FeatureSet(**arrays(), info=dict(flip=True)).save(tmp_path / 'features.npz')
    with pytest.raises(TypeError, match='not JSON serializable'):
        FeatureSet(**arrays(), info=dict(flip=object())).save(tmp_path / 'features.npz')
    assert FeatureSet.load(tmp_path / 'features.npz').info == dict(flip=True)
    assert [path.name for path in tmp_path.iterdir()] == ['features.npz']


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(pids=[4, 4]), 'must have one length'),
        (dict(pids=[4, 4, 0.5]), "pids, row 2: '0.5' is no whole number"),
        (dict(modalities=[0, 1, 2]), "modalities, row 2: '2' is no whole number from 0 to 1"),
        (dict(camids=[1, float('nan'), 2]), "camids, row 1: 'nan' is no whole number"),
        (dict(pids=np.array([1, 2**63, 2], 'u8')), "pids, row 1: '9223372036854775808' is no whole number"),
        (dict(features=[1, 0, 1]), r'an \(N, D\) array of numbers, not int64 of shape \(3,\)'),
        (dict(img_paths=['a', 'b', 'b']), '1 of 3 image paths are duplicates'),
        (dict(features=[[1, 0], [0, np.inf], [0, np.nan]]), "2 of 3 features are not finite, the first is of 'b'"),
    ],
)
def test_refusals(changes, message):
    with pytest.raises(ValueError, match=message):
        FeatureSet(**arrays(**changes))


def test_refuses_a_file_of_something_else(tmp_path):
    np.savez(tmp_path / 'other.npz', features=np.eye(2), pids=[1, 2])
    with pytest.raises(ValueError, match='lacks camids, modalities, img_paths'):
        FeatureSet.load(tmp_path / 'other.npz')
    np.savez(tmp_path / 'other.npz', **arrays(), info='[1]')
    with pytest.raises(ValueError, match='other.npz: info is no JSON object'):
        FeatureSet.load(tmp_path / 'other.npz')
