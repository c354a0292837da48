import numpy as np
import pytest

from haresreid.datasets import SYSUMM01
from haresreid.datasets.sysu_mm01 import list_images


def test_train_subset_joins_train_and_val_ids(sysu_root):
    dataset = SYSUMM01(str(sysu_root), check_counts=False)

    assert dataset.metainfo == dict(dataset='SYSU-MM01', subset='train', num_classes=3)
    assert sorted(set(dataset.pids)) == [1, 2, 10]
    assert dict(zip(dataset.pids, dataset.labels)) == {1: 0, 2: 1, 10: 2}
    assert len(dataset) == 12 + 12 + 8
    assert set(dataset.camids[dataset.modalities == 1]) == {3, 6}
    assert set(dataset.camids[dataset.modalities == 0]) == {1, 2, 4, 5}


def test_order_is_identity_camera_file(sysu_root):
    dataset = SYSUMM01(str(sysu_root), 'test', check_counts=False)

    assert len(dataset) == 24
    assert (dataset.labels == -1).all()
    keys = list(zip(dataset.pids, dataset.camids, dataset.img_paths))
    assert keys == sorted(keys)
    assert dataset.img_paths[0] == str(sysu_root / 'cam1' / '0006' / '0001.jpg')


def test_items_hold_what_the_arrays_say(sysu_root):
    dataset = SYSUMM01(str(sysu_root), check_counts=False)
    item = dataset[20]

    assert item['img_path'] == dataset.img_paths[20]
    assert (item['pid'], item['camid'], item['modality'], item['gt_label']) == (
        dataset.pids[20],
        dataset.camids[20],
        dataset.modalities[20],
        dataset.labels[20],
    )


def test_full_size_test_subset(sysu_test_root):
    dataset = SYSUMM01(str(sysu_test_root), 'test')

    infrared = dataset.modalities == 1
    assert infrared.sum() == 3803
    assert [int((dataset.camids == camid).sum()) for camid in range(1, 7)] == [1374, 1565, 1883, 1918, 1918, 1920]
    assert len(np.unique(dataset.pids)) == dataset.metainfo['num_classes'] == 96
    visible = {(p, c) for p, c in zip(dataset.pids[~infrared], dataset.camids[~infrared])}
    assert len(visible) == 301
    assert len({key for key in visible if key[1] in (1, 2)}) == 112


def test_missing_listed_image_is_counted(sysu_test_root, monkeypatch):
    monkeypatch.setattr('haresreid.datasets.sysu_mm01.list_images', lambda *args: list_images(*args)[:-1])
    with pytest.raises(ValueError, match=r'found 3802 infrared \(expected 3803\) .*check_counts=False'):
        SYSUMM01(str(sysu_test_root), 'test')


def test_official_counts_are_checked(sysu_root):
    message = r'found 3 ids \(expected 395\), 20 visible \(expected 22258\), 12 infrared \(expected 11909\)'
    with pytest.raises(ValueError, match=message):
        SYSUMM01(str(sysu_root))


def test_id_without_any_image(sysu_root):
    (sysu_root / 'exp' / 'val_id.txt').write_text('1,77')
    with pytest.raises(ValueError, match=r'identities \[77\] of train_id.txt and val_id.txt have no image'):
        list_images(str(sysu_root), 'train')


def test_id_list_that_does_not_parse(sysu_root):
    (sysu_root / 'exp' / 'test_id.txt').write_text('6;33')
    with pytest.raises(ValueError, match=r"test_id.txt', line 1: expected comma-separated integers"):
        list_images(str(sysu_root), 'test')


def test_root_named_like_a_camera(sysu_root):
    root = sysu_root.rename(sysu_root.parent / 'cam9')
    assert {image['camid'] for image in list_images(str(root), 'test')} == {1, 2, 3, 4, 5, 6}
