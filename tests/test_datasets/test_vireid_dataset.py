import logging
import shutil

import pytest
from mmengine.logging import MMLogger

from haresreid.datasets import SYSUMM01, LoadReIDImage


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


def test_truncated_image_is_skipped_on_request(sysu_root, truncated):
    (sysu_root / 'cam3' / '0002' / '0002.jpg').write_bytes(b'')
    logger = MMLogger.get_instance('test_unreadable')
    records = []
    logger.addHandler(logging.Handler())
    logger.handlers[-1].emit = lambda record: records.append(record)
    dataset = SYSUMM01(str(sysu_root), pipeline=[LoadReIDImage()], check_counts=False, unreadable='skip')

    assert len(dataset) == 30
    assert str(truncated) not in dataset.img_paths
    warnings = [record.getMessage() for record in records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert str(truncated) in warnings[0] and 'cam3/0002/0002.jpg' in warnings[1]
    assert all(dataset[index]['img'].shape == (48, 24, 3) for index in range(30))


def test_identity_lost_by_skipping_is_named(sysu_root):
    for camid in (3, 6):
        for number in (1, 2):
            (sysu_root / f'cam{camid}' / '0010' / f'{number:04d}.jpg').write_bytes(b'')
    with pytest.raises(ValueError, match=r'identities \[10\] have no infrared image'):
        SYSUMM01(str(sysu_root), check_counts=False, unreadable='skip')


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
