import errno
import logging
import os
import pickle
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.logging import MMLogger
from PIL import Image

from haresreid.datasets import (
    SYSUMM01,
    CrossModalityIdentitySampler,
    LanczosResize,
    LoadReIDImage,
    PackReIDInputs,
    PlanarNormalize,
    RandomErasing,
    packed_images,
)

LOAD = [LoadReIDImage(), LanczosResize((60, 20))]
PIPELINE = [*LOAD, PlanarNormalize((100, 110, 120), (50, 60, 70)), RandomErasing(), PackReIDInputs()]


def build(root, cache_dir=None, pipeline=PIPELINE, **options):
    return SYSUMM01(str(root), pipeline=pipeline, check_counts=False, cache_dir=cache_dir, **options)


@pytest.fixture
def cache(tmp_path):
    return str(tmp_path / 'cache' / 'packed')


@pytest.fixture
def packings(monkeypatch):
    """The files that were written."""
    written = []
    pack = packed_images._pack
    monkeypatch.setattr(packed_images, '_pack', lambda path, *args: (written.append(path), pack(path, *args)))
    return written


def the_file(cache):
    (file,) = Path(cache).glob('*.npy')
    return file


def test_a_training_epoch_is_the_same_from_the_cache(sysu_root, cache):
    plain, packed = build(sysu_root), build(sysu_root, cache)
    for index in CrossModalityIdentitySampler(plain, num_ids=2, num_instances=2, seed=0):
        ours, theirs = packed[index], plain[index]
        assert torch.equal(ours['inputs'], theirs['inputs'])
        assert ours['data_samples'].img_path == theirs['data_samples'].img_path


def test_the_file_is_a_plain_array(sysu_root, cache):
    dataset = build(sysu_root, cache)
    pixels = np.load(the_file(cache), mmap_mode='r')
    assert pixels.shape == (len(dataset), 60, 20, 3) and pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels[7], Compose(LOAD)(dict(img_path=dataset.img_paths[7]))['img'])


def test_second_use_reads_no_image(sysu_root, cache, packings, monkeypatch):
    first = build(sysu_root, cache)[3]['inputs']
    monkeypatch.setattr(LoadReIDImage, 'transform', None)
    torch.manual_seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    again = build(sysu_root, cache)
    assert torch.equal(torch.get_rng_state(), before[0]) and (np.random.get_state()[1] == before[1]).all()
    assert len(packings) == 1 and again[3]['inputs'].shape == first.shape


def test_packing_draws_nothing(sysu_root, cache):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    build(sysu_root, cache)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_part_of_the_data_set_finds_its_images(sysu_root, cache):
    part = build(sysu_root, cache, LOAD).get_subset([5, 9])
    np.testing.assert_array_equal(part[1]['img'], build(sysu_root, None, LOAD)[9]['img'])


def test_survives_spawning(sysu_root, cache):
    load = build(sysu_root, cache).pipeline.transforms[0]
    copy = pickle.loads(pickle.dumps(load))
    results = dict(img_path=load.img_paths[4])
    np.testing.assert_array_equal(copy(dict(results))['img'], load(dict(results))['img'])


def test_images_in_use_cannot_be_written_to(sysu_root, cache):
    with pytest.raises(ValueError, match='read-only'):
        build(sysu_root, cache, LOAD)[0]['img'][0] = 0


@pytest.mark.parametrize('change', ['touched', 'rewritten'])
def test_a_changed_image_is_packed_again(sysu_root, cache, packings, change):
    before = build(sysu_root, cache, LOAD)
    path = Path(before.img_paths[3])
    if change == 'touched':
        os.utime(path, ns=(1, 1))
    else:
        path.write_bytes(Path(before.img_paths[4]).read_bytes())
    after = build(sysu_root, cache, LOAD)
    assert packings == [the_file(cache)] * 2
    np.testing.assert_array_equal(after[3]['img'], build(sysu_root, None, LOAD)[3]['img'])
    before[3]  # whoever has the old file open still reads it


def test_another_size_or_another_list_is_another_file(sysu_root, cache):
    build(sysu_root, cache, LOAD)
    build(sysu_root, cache, [LoadReIDImage(), LanczosResize((20, 10))])
    (sysu_root / 'cam1' / '0002' / '0001.jpg').unlink()
    build(sysu_root, cache, LOAD)
    assert len(list(Path(cache).glob('*.npy'))) == 3


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    'damage',
    [
        flip_a_byte,
        lambda file: file.write_bytes(b''),
        lambda file: file.write_bytes(file.read_bytes()[:-2000]),
        lambda file: file.write_bytes(b'something else'),
        lambda file: np.save(file, np.zeros(3)),
    ],
    ids=['a byte', 'empty', 'truncated', 'other content', 'another array'],
)
def test_a_damaged_file_is_written_anew(sysu_root, cache, packings, damage):
    expected = build(sysu_root, cache, LOAD)[3]['img'].copy()
    damage(the_file(cache))
    np.testing.assert_array_equal(build(sysu_root, cache, LOAD)[3]['img'], expected)
    assert len(packings) == 2


def build_and_tell(root, cache, queue):
    packed_images.print_log = lambda message, *args: queue.put(message)
    queue.put(int(build(root, cache, LOAD)[3]['img'].sum()))


def test_one_of_several_processes_packs(sysu_root, cache):
    context = get_context('fork')
    queue = context.Queue()
    processes = [context.Process(target=build_and_tell, args=(sysu_root, cache, queue)) for _ in range(3)]
    for process in processes:
        process.start()
    told = [queue.get(timeout=60) for _ in range(4)]
    for process in processes:
        process.join(60)
    assert sum('packing 32 images' in str(message) for message in told) == 1
    assert len({message for message in told if isinstance(message, int)}) == 1


def test_processes_decode_the_same(sysu_root, cache, monkeypatch):
    monkeypatch.setattr(packed_images, 'PARALLEL_FROM', 10)
    dataset = build(sysu_root, cache, LOAD)
    np.testing.assert_array_equal(dataset[31]['img'], build(sysu_root, None, LOAD)[31]['img'])


def test_what_a_killed_process_left_is_cleared_away(sysu_root, cache):
    build(sysu_root, cache)
    file = the_file(cache)
    leftover = file.with_name(f'.0123456789abcdef.{file.name}')
    file.rename(leftover)
    build(sysu_root, cache)
    assert file.exists() and not leftover.exists()


def test_a_link_in_the_place_of_the_lock_is_not_followed(sysu_root, cache, tmp_path):
    build(sysu_root, cache)
    file, mine = the_file(cache), tmp_path / 'mine'
    file.unlink()
    mine.write_text('before')
    lock = Path(f'{file}.lock')
    lock.unlink(missing_ok=True)
    lock.symlink_to(mine)
    with pytest.raises(ValueError, match='packed images cannot be kept in'):
        build(sysu_root, cache)
    assert mine.read_text() == 'before'


def test_a_full_disk_is_told_before_the_work(sysu_root, cache, monkeypatch):
    monkeypatch.setattr(packed_images.shutil, 'disk_usage', lambda path: SimpleNamespace(free=1000))
    with pytest.raises(
        ValueError, match=r"SYSU-MM01 train subset: .*packed' \(they take 0.00 GiB and .* are free\); choose"
    ):
        build(sysu_root, cache)
    assert not list(Path(cache).glob('*.npy'))


def test_a_disk_that_fills_up_leaves_nothing(sysu_root, cache, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(packed_images.zlib, 'crc32', full)
    with pytest.raises(ValueError, match=r'\(No space left on device\); choose another cache_dir'):
        build(sysu_root, cache)
    assert not list(Path(cache).glob('*.npy')) and not list(Path(cache).glob('.*.npy'))


def test_a_place_that_is_no_folder(sysu_root, tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(
        ValueError, match=r"the packed images cannot be kept in '.*file' \(.*\); choose another cache_dir"
    ):
        build(sysu_root, str(tmp_path / 'file'))


def test_images_of_several_sizes_need_a_resize(sysu_root, cache):
    Image.new('RGB', (10, 30)).save(sysu_root / 'cam1' / '0002' / '0001.jpg')
    with pytest.raises(ValueError, match=r'0001.jpg. is 30 x 10 pixels and not 48 x 24; .*put a LanczosResize'):
        build(sysu_root, cache, [LoadReIDImage()])


@pytest.fixture
def broken(sysu_root):
    """A training tree in which two images are empty files."""
    paths = [sysu_root / 'cam1' / '0002' / '0001.jpg', sysu_root / 'cam6' / '0010' / '0002.jpg']
    for path in paths:
        path.write_bytes(b'')
    return [str(path) for path in paths]


def test_unreadable_images_are_fatal_when_packed(sysu_root, cache, broken):
    with pytest.raises(
        ValueError, match=r"2 of 32 images cannot be decoded. Cannot decode image '.*cam1/0002/0001.jpg'"
    ):
        build(sysu_root, cache)


def test_unreadable_images_have_the_same_stand_ins(sysu_root, cache, broken):
    plain, packed = (build(sysu_root, folder, unreadable='skip') for folder in (None, cache))
    stood_in = 0
    for index in CrossModalityIdentitySampler(plain, num_ids=2, num_instances=3, seed=1):
        ours, theirs = packed[index], plain[index]
        assert torch.equal(ours['inputs'], theirs['inputs'])
        stood_in += 'stands_in_for' in ours['data_samples']
    assert stood_in


def test_nothing_can_be_decoded(sysu_root, cache):
    for path in sysu_root.rglob('*.jpg'):
        path.write_bytes(b'')
    with pytest.raises(ValueError, match='none of the 32 images can be decoded'):
        build(sysu_root, cache, unreadable='skip')


def test_a_pipeline_without_loading_is_left_alone(sysu_root, cache):
    assert 'img' not in build(sysu_root, cache, [])[0]
    assert not Path(cache).exists()


def test_it_says_what_it_does(sysu_root, cache):
    logger = MMLogger.get_instance('test_packed_images')
    records = []
    logger.addHandler(logging.Handler())
    logger.handlers[-1].emit = lambda record: records.append(record.getMessage())
    dataset = build(sysu_root, cache)
    os.utime(dataset.img_paths[0], ns=(1, 1))
    build(sysu_root, cache)
    assert records == [
        f'SYSU-MM01 train subset: packing 32 images into {the_file(cache)}, which {reason}.'
        for reason in ('does not exist', 'is out of date, because an image has changed')
    ]
