"""Several data sets as one."""

import numpy as np
import pytest
from PIL import Image

from haresreid.cli.launch import set_data_root
from haresreid.config.config import load_config
from haresreid.datasets import BalancedIdentitySampler, JointDataset, ManifestDataset, SynthVIReID


@pytest.fixture
def folders(tmp_path):
    """Two sets of their own: identities 3, 5 and 9 with cameras 1 and 2, and six people with cameras 0 and 4."""
    for name, pids, cameras in (('a', (3, 5, 9), (1, 2)), ('b', range(6), (0, 4))):
        folder = tmp_path / name
        folder.mkdir()
        lines = ['path,pid,camera,modality,split']
        for pid in pids:
            for camera, modality in zip(cameras, ('visible', 'infrared')):
                Image.fromarray(np.full((4, 2, 3), pid, np.uint8)).save(folder / f'{pid}_{camera}.png')
                lines.append(f'{pid}_{camera}.png,{pid},{camera},{modality},train')
        (folder / 'manifest.csv').write_text('\n'.join(lines))
    return [dict(type=ManifestDataset, data_root=str(tmp_path / name)) for name in 'ab']


def test_numbers_follow_those_of_the_set_before(folders):
    joint = JointDataset(folders)
    assert joint.pids.tolist() == [3, 3, 5, 5, 9, 9, *np.repeat(range(10, 16), 2)]
    assert joint.camids.tolist() == [1, 2] * 3 + [3, 7] * 6
    assert joint.labels.tolist() == np.repeat(range(9), 2).tolist() and joint.metainfo['num_classes'] == 9
    assert joint.sources.tolist() == [0] * 6 + [1] * 12
    assert joint[7]['img_path'].endswith('0_4.png') and joint[7]['gt_label'] == 3


def test_images_may_not_be_shared(folders):
    with pytest.raises(ValueError, match='listed twice'):
        JointDataset([folders[0], folders[0]])


def test_one_set_is_not_joint(folders):
    with pytest.raises(ValueError, match='two data sets or more, got 1'):
        JointDataset(folders[:1])


def test_classes_are_known_before_images_are_listed_if_those_of_each_set_are():
    synth = dict(type=SynthVIReID, data_root='nowhere', num_ids=(7, 2, 5))
    assert JointDataset.num_classes_of(dict(datasets=[synth, dict(synth, type='SynthVIReID')])) == 18
    own = dict(type=ManifestDataset, data_root='nowhere')
    assert JointDataset.num_classes_of(dict(datasets=[synth, own])) is None


def test_batches_show_as_many_people_of_each_set(folders):
    joint = JointDataset(folders)
    sampler = BalancedIdentitySampler(joint, num_ids=4, num_instances=2, seed=1)
    indices = np.array([int(index) for index in sampler]).reshape(-1, 16)  # visible, then infrared
    for batch in indices:
        labels = joint.labels[batch].reshape(2, 4, 2)
        assert (labels == labels[:1, :, :1]).all() and len(set(labels[0, :, 0])) == 4
        assert joint.sources[batch].reshape(2, 4, 2)[:, :, 0].tolist() == [[0, 0, 1, 1]] * 2
    again = BalancedIdentitySampler(joint, num_ids=4, num_instances=2, seed=1)
    assert [int(index) for index in again] == indices.ravel().tolist()


def test_every_rank_sees_all_sets(folders, monkeypatch):
    joint = JointDataset(folders)

    def drawn(rank):
        monkeypatch.setattr(
            'haresreid.datasets.samplers.cross_modality_identity_sampler.get_dist_info', lambda: (rank, 2)
        )
        return np.array([int(index) for index in BalancedIdentitySampler(joint, 2, 1, seed=5)]).reshape(-1, 2, 2)

    for first, second in zip(drawn(0), drawn(1)):
        for part in (first, second):
            assert joint.sources[part[0]].tolist() == [0, 1]  # each rank sees both sets
        assert not set(joint.labels[first[0]]) & set(joint.labels[second[0]])


def test_refuses_what_cannot_be_balanced(folders):
    joint = JointDataset(folders)
    with pytest.raises(ValueError, match='num_ids is 3, .* each of 2 data sets: take a multiple of 2'):
        BalancedIdentitySampler(joint, num_ids=3, num_instances=1, seed=0)
    with pytest.raises(ValueError, match='A data set has 3 training identities, fewer than the 4'):
        BalancedIdentitySampler(joint, num_ids=8, num_instances=1, seed=0)


def test_one_folder_is_not_the_folder_of_several_sets(request):
    cfg = load_config(str(request.config.rootpath / 'configs/joint/haresformer_joint_sysu_llcm.py'))
    assert cfg.model.head.num_classes == 395 + 713
    with pytest.raises(ValueError, match='trains on several data sets, and one folder is given'):
        set_data_root(cfg, 'elsewhere')
