import numpy as np
import pytest

from haresreid.datasets.synth import SynthVIReID
from haresreid.structures import Modality

SMALL = dict(num_ids=(3, 1, 4), images_per_camera=2, size=(48, 24))


@pytest.mark.parametrize(
    'layout, infrared_cameras', [('sysu', {3, 6}), ('regdb', {2}), ('llcm', {1, 2, 4, 5, 6, 7, 8, 9})]
)
def test_the_first_use_draws_and_the_layout_reader_finds_everybody(tmp_path, layout, infrared_cameras):
    root = tmp_path / 'synvi'
    train = SynthVIReID(str(root), 'train', layout=layout, **SMALL)
    test = SynthVIReID(str(root), 'test', layout=layout, **SMALL)
    assert train.metainfo['dataset'] == 'SynVI' and train.metainfo['layout'] == layout
    assert train.metainfo['num_classes'] == test.metainfo['num_classes'] == 4
    assert sorted(set(train.labels.tolist())) == [0, 1, 2, 3] and set(test.labels.tolist()) == {-1}
    assert not set(train.pids.tolist()) & set(test.pids.tolist())
    for dataset in (train, test):
        infrared = dataset.modalities == Modality.INFRARED
        assert set(dataset.camids[infrared].tolist()) <= infrared_cameras
        assert infrared.any() and not infrared.all()


@pytest.mark.parametrize('layout', ['sysu', 'llcm'])
def test_a_set_without_training_people_is_readable(tmp_path, layout):
    test = SynthVIReID(
        str(tmp_path / 'synvi'), 'test', layout=layout, num_ids=(0, 0, 1), images_per_camera=1, size=(48, 24)
    )
    assert test.metainfo['num_classes'] == 1


def test_regdb_partitions_differ(tmp_path):
    one, two = (SynthVIReID(str(tmp_path / 'synvi'), 'test', layout='regdb', split=split, **SMALL) for split in (1, 2))
    assert set(one.pids.tolist()) != set(two.pids.tolist())
    assert two.metainfo['split'] == 2


def test_a_missing_image_is_noticed(tmp_path):
    root = tmp_path / 'synvi'
    dataset = SynthVIReID(str(root), 'test', **SMALL)
    next((root / 'cam1' / f'{dataset.pids[0]:04d}').iterdir()).unlink()
    with pytest.raises(ValueError, match='visible'):
        SynthVIReID(str(root), 'test', **SMALL)


def test_other_arguments_on_the_same_root_are_refused(tmp_path):
    SynthVIReID(str(tmp_path / 'synvi'), **SMALL)
    with pytest.raises(ValueError, match='level=easy instead of standard'):
        SynthVIReID(str(tmp_path / 'synvi'), level='standard', **SMALL)


def test_a_split_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ValueError, match='split 1 only'):
        SynthVIReID(str(tmp_path / 'synvi'), split=2, **SMALL)


def test_sets_of_two_seeds_are_different(tmp_path):
    images = [SynthVIReID(str(tmp_path / str(seed)), seed=seed, **SMALL).img_paths[0] for seed in (0, 1)]
    first, second = (np.fromfile(path, np.uint8) for path in images)
    assert first.size != second.size or (first != second).any()
