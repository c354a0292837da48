"""Models on other test sets."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from haresreid.analysis.transfer import TargetSet, evaluate_on, matrix, read_as
from haresreid.apis.test_set import extract_feature_set
from haresreid.config.config import load_config
from haresreid.datasets import LanczosResize, LoadReIDImage
from haresreid.evaluation import evaluate, protocol_by_name
from haresreid.evaluation.functional import l2_normalize

ROOT = Path(__file__).parents[2]


class Pixels:
    """In the place of a model: an image's feature are its pixels."""

    head, flip_test = SimpleNamespace(test_feature='post_bn'), False

    def test_step(self, batch):
        for image, sample in zip(batch['inputs'], batch['data_samples']):
            assert image.shape[-2:] == (96, 48)
            sample.pred_feature = torch.from_numpy(l2_normalize(image.reshape(1, -1).numpy())[0])
        return batch['data_samples']


@pytest.fixture
def own(tmp_path):
    """The config of a user's own images, of other sizes than the narrow model's."""
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in range(5):
        person = rng.integers(0, 256, (6, 4))
        for camera, modality in ((1, 'visible'), (2, 'infrared')):
            grey = np.kron(person, np.ones((20, 10))) + rng.normal(0, 60, (120, 40))
            Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(tmp_path / f'{pid}_{camera}.png')
            lines.append(f'{pid}_{camera}.png,{pid},{camera},{modality},test')
    (tmp_path / 'manifest.csv').write_text('\n'.join(lines))
    cfg = load_config(str(ROOT / 'configs/haresformer_sysu.py'))
    cfg.test_dataloader.dataset = dict(type='ManifestDataset', data_root=str(tmp_path), subset='test', pipeline=[])
    cfg.test_evaluator.protocols = [dict(type='CrossModalProtocol', direction='v2i')]
    return TargetSet(cfg)


@pytest.fixture
def narrow():
    cfg = load_config(str(ROOT / 'configs/baselines/two_stream_synth.py'))
    cfg.test_dataloader.update(num_workers=0, persistent_workers=False, batch_size=4)
    return cfg


def test_images_of_the_target_are_read_by_the_models_pipeline(narrow, own):
    cfg = read_as(narrow, own)
    dataset = cfg.test_dataloader.dataset
    assert dataset.type == 'ManifestDataset' and dataset.data_root == own.cfg.test_dataloader.dataset.data_root
    kinds = [step.type for step in dataset.pipeline]
    own_kinds = [step.type for step in narrow.test_dataloader.dataset.pipeline]
    assert kinds == [LoadReIDImage, LanczosResize, *own_kinds[1:]] and dataset.pipeline[1].size == (96, 48)
    assert cfg.test_dataloader.batch_size == 4 and cfg.model == narrow.model
    assert narrow.test_dataloader.dataset.pipeline[1].type is not LanczosResize  # nothing is changed in place

    sysu = load_config(str(ROOT / 'configs/haresformer_sysu.py'))  # has a resize, which stays the only one
    assert read_as(sysu, own).test_dataloader.dataset.pipeline == sysu.test_dataloader.dataset.pipeline


def test_figures_are_those_of_an_evaluation(narrow, own):
    found = evaluate_on(Pixels(), narrow, 'none', own)
    features = extract_feature_set(Pixels(), read_as(narrow, own), 'none')
    expected = evaluate(features, protocol_by_name('own/v2i'))
    assert found == {'own/v2i': {metric: expected.mean(metric) for metric in ('R1', 'mAP', 'mINP')}}
    assert found['own/v2i']['R1'] > 0.5


def test_a_matrix_by_hand():
    one = {'sysu/all': dict(R1=0.5, mAP=0.4), 'sysu/indoor': dict(R1=0.6, mAP=0.5)}
    other = {'own/v2i': dict(R1=0.25, mAP=0.2)}
    columns, rows = matrix(dict(ours={'a': one, 'b': other}, theirs={'a': one, 'b': other}), 'R1')
    assert columns == ['a: sysu/all', 'a: sysu/indoor', 'b: own/v2i']
    assert rows == [[50.0, 60.0, 25.0]] * 2
