"""The pipelines and loaders of configs/_base_/datasets."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import worker_init_fn
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from PIL import Image
from torchvision.transforms.functional import normalize, to_tensor

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

CONFIGS = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def build(name, start=0, stop=None):
    steps = Config.fromfile(CONFIGS / 'pipelines.py')[name]
    return Compose([TRANSFORMS.build(step) for step in steps[start:stop]])


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.RandomState(0).randint(0, 256, (200, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / 'photo.png')
    return tmp_path / 'photo.png'


def reference(path, resampling):
    return normalize(to_tensor(Image.open(path).convert('RGB').resize((144, 288), resampling)), MEAN, STD)


def test_test_pipeline_is_lanczos_and_imagenet_statistics(photo):
    output = build('test_pipeline')(dict(img_path=str(photo), modality=Modality.VISIBLE))['inputs']
    assert output.shape == (3, 288, 144)
    # float32 arithmetic in another order: at most a few units in the last place of values up to 2.7
    torch.testing.assert_close(output, reference(photo, Image.Resampling.LANCZOS), rtol=0, atol=1e-6)
    assert (output - reference(photo, Image.Resampling.BILINEAR)).abs().max() > 0.1


def test_grey_file_equals_rgb_file_with_equal_channels(tmp_path):
    grey = np.random.RandomState(0).randint(0, 256, (50, 30), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / 'grey.png')
    Image.fromarray(np.stack([grey] * 3, axis=2)).save(tmp_path / 'rgb.png')
    outputs = [
        build('test_pipeline')(dict(img_path=str(tmp_path / name), modality=Modality.INFRARED))['inputs']
        for name in ('grey.png', 'rgb.png')
    ]
    assert torch.equal(*outputs)


def test_crop_and_flip_statistics_over_10k_draws():
    """Each pixel's value is its coordinate, so a crop tells its offset and whether it was flipped."""
    steps = Config.fromfile(CONFIGS / 'pipelines.py').train_pipeline
    crop, flip = (next(step for step in steps if step.type.__name__ == name) for name in ('RandomCrop', 'RandomFlip'))
    crop.crop_size = (40, 30)
    augment = Compose([TRANSFORMS.build(crop), TRANSFORMS.build(flip)])
    rows, columns = np.mgrid[100:140, 100:130]
    img = np.stack([rows, columns, rows], axis=2).astype(np.uint8)

    np.random.seed(0)
    tops, lefts, flips = [], [], []
    for _ in range(10_000):
        out = augment(dict(img=img))['img'].astype(int)
        assert out.shape == (40, 30, 3)
        middle = out[20, 14:16, 1]  # never in the padding
        flips.append(middle[0] > middle[1])
        tops.append(out[20, 15, 0] - 110)
        lefts.append((out[20, :, 1] if not flips[-1] else out[20, ::-1, 1])[15] - 105)
    assert abs(np.mean(flips) - 0.5) < 0.02
    for offsets in (tops, lefts):
        counts = np.bincount(offsets, minlength=21)
        assert len(counts) == 21
        # 476 expected in each of 21 bins, standard deviation 21
        assert np.abs(counts - 10_000 / 21).max() < 5 * 22


def test_padding_is_black():
    out = build('train_pipeline', 3, 4)(dict(img=np.full((288, 144, 3), 255, np.uint8)))['img']
    assert set(np.unique(out)) <= {0, 255}


def loader_of(name, root, loader='train_dataloader'):
    cfg = Config.fromfile(CONFIGS / f'{name}.py')[loader]
    cfg.dataset.update(data_root=str(root), check_counts=False)
    cfg.update(num_workers=2)
    if loader == 'train_dataloader':
        cfg.update(batch_size=16)
        cfg.sampler.update(num_ids=2)
    return Runner.build_dataloader(cfg, seed=0)


@pytest.mark.parametrize('name', ['sysu_mm01', 'regdb', 'llcm'])
def test_training_batches_pair_the_modalities(name, request):
    init_default_scope('haresreid')
    root = request.getfixturevalue(f'{name.split("_")[0]}_root')
    loader = loader_of(name, root)

    batches = list(loader)
    assert len(batches) == len(loader)
    for batch in batches:
        assert [tuple(img.shape) for img in batch['inputs']] == [(3, 288, 144)] * 16
        samples = batch['data_samples']
        assert [sample.modality for sample in samples] == [0] * 8 + [1] * 8
        assert [sample.gt_label for sample in samples[:8]] == [sample.gt_label for sample in samples[8:]]


@pytest.mark.parametrize('name', ['sysu_mm01', 'regdb', 'llcm'])
def test_test_loader_keeps_the_order(name, request):
    init_default_scope('haresreid')
    loader = loader_of(name, request.getfixturevalue(f'{name.split("_")[0]}_root'), 'test_dataloader')
    paths = [sample.img_path for batch in loader for sample in batch['data_samples']]
    assert paths == loader.dataset.img_paths


def test_augmentation_follows_from_the_seed(sysu_root):
    init_default_scope('haresreid')
    first, second = (next(iter(loader_of('sysu_mm01', sysu_root)))['inputs'] for _ in range(2))
    assert torch.equal(first, second)


def test_workers_augment_differently(photo):
    pipeline = build('train_pipeline')
    outputs = []
    for worker in (0, 1):
        worker_init_fn(worker, num_workers=2, rank=0, seed=0)
        outputs.append(pipeline(dict(img_path=str(photo), modality=Modality.VISIBLE))['inputs'])
    assert not torch.equal(*outputs)
