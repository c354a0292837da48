import pytest

from haresreid.datasets import LLCM
from haresreid.datasets.llcm import list_images


def test_train_subset(llcm_root):
    dataset = LLCM(str(llcm_root), check_counts=False)

    assert dataset.metainfo == dict(dataset='LLCM', subset='train', num_classes=2)
    assert len(dataset) == 2 * (3 + 2)
    assert set(dataset.camids[dataset.modalities == 0]) == {1, 3, 9}
    assert set(dataset.camids[dataset.modalities == 1]) == {1, 9}
    assert dict(zip(dataset.pids, dataset.labels)) == {1: 0, 5: 1}


def test_test_subset_comes_from_the_camera_trees(llcm_root):
    dataset = LLCM(str(llcm_root), 'test', check_counts=False)

    assert len(dataset) == 2 * 2 * (3 + 2)
    assert set(dataset.pids) == {3, 12}
    assert all('/test_' in path for path in dataset.img_paths)
    keys = list(zip(dataset.pids, dataset.camids, dataset.img_paths))
    assert keys == sorted(keys)
    for path, camid in zip(dataset.img_paths, dataset.camids):
        assert f'/cam{camid}/' in path


def test_official_counts(llcm_root):
    with pytest.raises(ValueError, match=r'found 2 ids \(expected 713\), 6 visible \(expected 16946\)'):
        LLCM(str(llcm_root))
    with pytest.raises(ValueError, match=r'found 2 ids \(expected 351\), 20 images \(expected 15846\)'):
        LLCM(str(llcm_root), 'test')


def test_name_without_camera(llcm_root):
    path = llcm_root / 'vis' / '0001' / '0001_c01_s000001_f0001_vis.jpg'
    path.rename(path.with_name('noname.jpg'))
    index = llcm_root / 'idx' / 'train_vis.txt'
    index.write_text(index.read_text().replace(path.name, 'noname.jpg'))
    with pytest.raises(ValueError, match='no camera number in the image name .*noname.jpg'):
        list_images(str(llcm_root), 'train')
