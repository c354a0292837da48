import logging
import shutil

import numpy as np
import pytest
from mmengine.logging import MMLogger
from PIL import Image

from haresreid.datasets import SYSUMM01, CrossModalityIdentitySampler, LoadReIDImage, PackReIDInputs, SeededIndex


@pytest.fixture
def truncated(sysu_root):
    """A training tree whose image cam1/0002/0001.jpg ends early."""
    path = sysu_root / 'cam1' / '0002' / '0001.jpg'
    path.write_bytes(path.read_bytes()[:-200])
    return path


def test_truncated_image_is_named_when_it_is_decoded(sysu_root, truncated):
    dataset = SYSUMM01(str(sysu_root), pipeline=[LoadReIDImage()], check_counts=False)
    assert len(dataset) == 32
    with pytest.raises(ValueError, match=r"Cannot decode image '.*cam1/0002/0001.jpg'.*unreadable='skip'"):
        dataset[dataset.img_paths.index(str(truncated))]


def test_a_stand_in_keeps_the_law_of_the_batch(sysu_root, truncated):
    dataset = SYSUMM01(
        str(sysu_root), pipeline=[LoadReIDImage(), PackReIDInputs()], check_counts=False, unreadable='skip'
    )
    assert str(truncated) in dataset.img_paths  # nothing was decoded yet
    bad = dataset.img_paths.index(str(truncated))
    stand_ins = [dataset[SeededIndex(bad, seed=(seed, 0))]['data_samples'] for seed in range(40)]
    for sample in stand_ins:
        assert sample.stands_in_for == str(truncated) != sample.img_path
        assert (sample.pid, sample.modality, sample.gt_label) == (2, 0, dataset.labels[bad])
    alike = {
        path
        for path, pid, modality in zip(dataset.img_paths, dataset.pids, dataset.modalities)
        if (pid, modality) == (2, 0)
    }
    assert {sample.img_path for sample in stand_ins} == alike - {str(truncated)}  # 7 images, each missed with 0.2 %
    assert dataset[SeededIndex(bad, seed=(3, 0))]['data_samples'].img_path == stand_ins[3].img_path


def test_readable_images_are_drawn_and_augmented_as_ever(sysu_root, truncated):
    whole, skipping = (
        SYSUMM01(
            str(sysu_root),
            pipeline=[LoadReIDImage(), lambda results: dict(results, draw=np.random.rand())],
            check_counts=False,
            unreadable=unreadable,
        )
        for unreadable in ('raise', 'skip')
    )
    for index in CrossModalityIdentitySampler(whole, num_ids=3, num_instances=4, seed=0):
        item = skipping[index]
        if 'stands_in_for' not in item:
            assert (item['img_path'], item['draw']) == (whole[index]['img_path'], whole[index]['draw'])


def test_a_person_without_a_readable_image_stops_the_run(sysu_root):
    for path in sysu_root.glob('cam[36]/0010/*.jpg'):
        path.write_bytes(b'')
    dataset = SYSUMM01(str(sysu_root), pipeline=[LoadReIDImage()], check_counts=False, unreadable='skip')
    with pytest.raises(ValueError, match='identity 10 has no infrared image that can be decoded'):
        dataset[np.flatnonzero((dataset.pids == 10) & (dataset.modalities == 1))[0]]


def test_test_images_are_left_out_on_request(sysu_root):
    truncated = sysu_root / 'cam1' / '0006' / '0001.jpg'
    truncated.write_bytes(truncated.read_bytes()[:-200])
    (sysu_root / 'cam3' / '0033' / '0002.jpg').write_bytes(b'')
    logger = MMLogger.get_instance('test_unreadable')
    records = []
    logger.addHandler(logging.Handler())
    logger.handlers[-1].emit = lambda record: records.append(record)
    dataset = SYSUMM01(str(sysu_root), 'test', pipeline=[LoadReIDImage()], check_counts=False, unreadable='skip')

    assert len(dataset) == 22
    assert dataset.metainfo['left_out'] == 2
    assert str(truncated) not in dataset.img_paths
    warnings = [record.getMessage() for record in records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert str(truncated) in warnings[0] and 'cam3/0033/0002.jpg' in warnings[1]
    assert all(dataset[index]['img'].shape == (48, 24, 3) for index in range(22))


@pytest.mark.parametrize('cameras, modality', [((3, 6), 'infrared'), ((1, 2, 4, 5), 'visible')])
def test_identity_missing_in_one_modality(sysu_root, cameras, modality):
    for camid in cameras:
        shutil.rmtree(sysu_root / f'cam{camid}' / '0002')
    with pytest.raises(ValueError, match=rf'SYSU-MM01 train subset: identities \[2\] have no {modality} image under'):
        SYSUMM01(str(sysu_root), check_counts=False)


def test_test_identity_may_lack_a_modality(sysu_root):
    for camid in (3, 6):
        shutil.rmtree(sysu_root / f'cam{camid}' / '0006')
    assert len(SYSUMM01(str(sysu_root), 'test', check_counts=False)) == 20


def test_no_image_at_all(sysu_root):
    (sysu_root / 'exp' / 'test_id.txt').write_text('\n')
    with pytest.raises(ValueError, match='SYSU-MM01 test subset: no image found under'):
        SYSUMM01(str(sysu_root), 'test', check_counts=False)


@pytest.mark.parametrize('arguments', [dict(subset='val'), dict(unreadable='ignore')])
def test_bad_arguments(sysu_root, arguments):
    with pytest.raises(ValueError, match='must be'):
        SYSUMM01(str(sysu_root), **arguments)


def test_raw_counts_with_a_range_are_no_unreadable_images(sysu_root):
    Image.fromarray(np.full((20, 10), 300, np.float32)).save(sysu_root / 'cam3' / '0033' / '0001.jpg', format='TIFF')
    kept = [
        len(
            SYSUMM01(
                str(sysu_root), 'test', pipeline=[LoadReIDImage(thermal_range)], check_counts=False, unreadable='skip'
            )
        )
        for thermal_range in (None, (273, 313))
    ]
    assert kept == [23, 24]
