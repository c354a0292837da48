import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset
from PIL import Image

from haresreid.datasets import (
    LanczosResize,
    LoadReIDImage,
    PackReIDInputs,
    PlanarNormalize,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    SeededIndex,
    TrackletDataset,
    VisibleViews,
)
from haresreid.datasets.tracklet_dataset import frame_numbers
from haresreid.structures import Modality

LOAD, PACK = dict(type=LoadReIDImage), dict(type=PackReIDInputs)
NORMALIZE = dict(type=PlanarNormalize, mean=(0, 0, 0), std=(1, 1, 1))


class Tracks(TrackletDataset):
    """Two people, a track of ``length`` frames in each modality; every pixel of frame i is i."""

    length = 10

    def list_tracks(self):
        return [
            dict(frames=self.frames(pid, modality), pid=pid, camid=1, modality=modality)
            for pid in (3, 7)
            for modality in Modality
        ]

    def frames(self, pid, modality):
        return [f'{self.data_root}/{pid}_{modality:d}_{number:02d}.png' for number in range(self.length)]


@pytest.fixture
def root(tmp_path):
    for pid in (3, 7):
        for modality in Modality:
            for number in range(Tracks.length):
                pixels = np.full((48, 24, 3), number, np.uint8)
                Image.fromarray(pixels).save(tmp_path / f'{pid}_{modality:d}_{number:02d}.png')
    return str(tmp_path)


@pytest.mark.parametrize('length, num_frames', [(24, 6), (25, 6), (7, 6), (6, 6), (1, 4), (3, 8), (100, 1)])
def test_frames_are_spread_evenly_and_drawn_one_of_each_part(length, num_frames):
    even = frame_numbers(length, num_frames)
    assert even.tolist() == [i * length // num_frames for i in range(num_frames)]
    np.random.seed(0)
    drawn = np.stack([frame_numbers(length, num_frames, jitter=True) for _ in range(2000)])
    for part, found in enumerate(drawn.T):
        begin, end = part * length // num_frames, (part + 1) * length // num_frames
        assert set(found) == set(range(begin, max(end, begin + 1)))  # every frame of the part, and no other


def test_an_item_is_a_stack_of_frames_under_the_path_of_its_track(root):
    data = Tracks(root, 'test', 5, [LOAD, NORMALIZE, PACK])
    item = data[1]
    assert item['inputs'].shape == (5, 3, 48, 24)
    assert item['inputs'][:, 0, 0, 0].tolist() == [0, 2, 4, 6, 8]
    assert item['data_samples'].img_path == data.img_paths[1] == data.list_tracks()[1]['frames'][0]
    assert (len(data), data.metainfo['num_frames'], data.queries.any()) == (4, 5, False)


def test_training_shows_other_frames_each_time_and_the_seed_decides_which(root):
    data = Tracks(root, 'train', 5, [LOAD, NORMALIZE, PACK])
    shown = [data[SeededIndex(2, seed=(0, seed))]['inputs'][:, 0, 0, 0].tolist() for seed in (1, 2, 3, 1)]
    assert shown[0] == shown[3] and len(set(map(tuple, shown))) == 3
    assert all(number // 2 == part for frames in shown for part, number in enumerate(map(int, frames)))


def test_all_frames_of_a_track_are_augmented_alike(root):
    """Crop, mirror image and erased rectangle are those of the first frame: the frames differ by their number alone."""
    steps = [
        LOAD,
        dict(type=RandomCrop, crop_size=(48, 24), padding=5, fill=255),
        dict(type=RandomFlip),
        NORMALIZE,
        dict(type=RandomErasing, prob=0.8, fill=None),
        PACK,
    ]
    data = Tracks(root, 'train', 5, steps)
    different = 0
    for seed in range(20):
        inputs = data[SeededIndex(0, seed=(seed,))]['inputs']  # (5, 3, 48, 24)
        shown = (inputs >= 0) & (inputs < 10) & (inputs == inputs.round())  # neither padded nor erased
        assert (shown == shown[0]).all()
        assert torch.equal(inputs[:, ~shown[0]], inputs[:1, ~shown[0]].expand(5, -1))
        different += not shown[0].all()
    assert different > 15


def test_packed_frames_are_those_of_the_files(root, tmp_path):
    steps = [LOAD, dict(type=LanczosResize, size=(24, 12)), NORMALIZE, PACK]
    files, packed = (Tracks(root, 'test', 4, steps, cache_dir=folder) for folder in (None, str(tmp_path / 'cache')))
    assert all(torch.equal(files[i]['inputs'], packed[i]['inputs']) for i in range(4))
    assert list((tmp_path / 'cache').glob('*.npy'))


def test_a_track_with_an_unreadable_frame_is_refused_replaced_or_left_out(root):
    bad = Tracks(root, 'test').list_tracks()[0]['frames'][4]
    with open(bad, 'wb') as file:
        file.write(b'cut off')
    with pytest.raises(ValueError, match='Cannot decode image .*_04.png'):
        Tracks(root, 'test', 5, [LOAD, NORMALIZE, PACK])[0]
    kept = Tracks(root, 'test', 5, [LOAD, NORMALIZE, PACK], unreadable='skip')
    assert (len(kept), kept.metainfo['left_out']) == (3, 1)


def test_bad_arguments(root):
    with pytest.raises(ValueError, match='num_frames must be 1 or more, got 0'):
        Tracks(root, num_frames=0)
    views = dict(type=VisibleViews, augment=[], visible=[[], []], infrared=[])
    with pytest.raises(ValueError, match=r'makes \d views of a frame.*take the views'):
        Tracks(root, 'train', 2, [LOAD, views, PACK])[0]


def test_a_pipeline_that_packs_nothing_gives_the_frames(root):
    item = Tracks(root, 'test', 2, [])[0]
    assert [frame['img_path'] for frame in item['frames']] == Tracks(root, 'test').list_tracks()[0]['frames'][::5]
    assert isinstance(Tracks(root, 'test'), BaseDataset)
