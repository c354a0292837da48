"""A method's training that is killed and resumed ends as one that was left alone, whatever state the method has.

Recipe, sampler, losses and hooks are those of the method's own config; network and data are tiny.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from haresreid.config.config import load_config
from haresreid.engine import AtomicCheckpointHook, RunReportHook
from haresreid.files.checkpoint_file import latest_checkpoint
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

CONFIGS = Path(__file__).parents[2] / 'configs/baselines'
EPOCHS = 3
METHODS = {
    'ddag': 'a loss weight that follows the losses of the epoch before',
    'lba': 'partners drawn at random',
    'x_modality': 'a generator',
    'hat': 'images of a third modality',
    'uba': 'a cosine classifier',
    'mpanet': 'running means of classifiers, which are told the epoch',
    'cm_nas_separate': 'a running mean that replaces the weights, and norms per modality',
    'mmn': 'a generator, and a projector that is never trained',
    'deen': 'dropout of expanded rows',
    'jsia': 'three optimizers, two batches in one, and a turn that begins later',
    'aligngan': 'periods with other turns, running means of instance norms, dropout',
    'hicmd': 'gradients of gradients, dropout',
}


class Killed(BaseException):
    """Instead of SIGKILL."""


class KillHook(Hook):
    """Ends the run before the second batch of an epoch, counted from 0."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch = epoch

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if (runner.epoch, batch_idx) == (self.epoch, 1):
            raise Killed


class Noise(torch.utils.data.Dataset):
    """Four identities with four noisy images in each modality."""

    metainfo: ClassVar = {}
    MODALITIES = (0, 1)
    generator_size = (32, 16)
    labels, modalities = np.arange(32) % 4, np.arange(32) // 4 % 2

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict:
        index.seed_generators()
        label, modality = int(self.labels[index]), int(self.modalities[index])
        size = self.generator_size if index.role else (64, 32)
        image = torch.from_numpy(np.random.randn(3, *size).astype('f4')) + label
        sample = ReIDDataSample(metainfo=dict(gt_label=label, modality=modality, role=index.role))
        return dict(inputs=image, data_samples=sample)


def shrink(model: dict) -> None:
    """A narrow ResNet-18 from random weights, and every width that follows from it."""
    if isinstance(model, list):
        [shrink(part) for part in model]
    if isinstance(model, dict):
        if model.get('depth') == 50:
            model.update(depth=18, base_channels=8, pretrained=None)
        if model.get('in_channels') == 2048:
            model['in_channels'] = 64
        [shrink(part) for part in model.values()]


def make_runner(folder: Path, method: str, name: str, kill: int | None = None) -> Runner:
    cfg = load_config(str(CONFIGS / f'{method}_sysu_paper.py'))
    shrink(cfg.model)
    cfg.model.head.num_classes = 4
    sampler, data = dict(cfg.train_dataloader.sampler, num_ids=2, num_instances=2), Noise()
    if 'generator' in sampler:
        sampler.update(generator=dict(num_ids=2, num_instances=1), num_batches=2)
    if method == 'jsia':
        cfg.model.update(warmup=1)
        cfg.model.generator.update(content_channels=8, base_channels=4, code_channels=8)
        for part in cfg.model.discriminators.values():
            part.update(base_channels=4, num_layers=2)
    if method == 'aligngan':
        cfg.model.update(network_epochs=1, warmup=2)
        cfg.model.backbone.update(size=None)
        cfg.model.generator.update(base_channels=4, num_blocks=1)
        for part in cfg.model.discriminators.values():
            part.update(base_channels=4, num_layers=3)
        cfg.model.discriminators.infrared.update(feature_channels=64)
    if method == 'hicmd':
        cfg.model.backbone.update(prototype_channels=4, dilations=(1, 2, 3))
        cfg.model.generator.update(content_channels=8, code_channels=64, base_channels=4)
        for part in cfg.model.discriminators.values():
            part.update(base_channels=4)
        data.generator_size = (64, 32)
    cfg.default_hooks.checkpoint = dict(type=AtomicCheckpointHook, interval=1)
    hooks = [hook for hook in cfg.custom_hooks if hook['type'] is not RunReportHook]  # it reports an evaluation
    torch.manual_seed(0)
    runner = Runner(
        MODELS.build(cfg.model),
        str(folder),
        cfg=Config(dict(model=cfg.model)),
        default_scope='haresreid',
        experiment_name=f'{folder.parent.name}_{name}',
        randomness=dict(seed=5),
        train_dataloader=dict(
            dataset=data,
            num_workers=1,  # a process of its own, which seeds no generator of the model's
            batch_size=12 if 'generator' in sampler else 8,
            sampler=sampler,
        ),
        train_cfg=dict(by_epoch=True, max_epochs=EPOCHS),
        optim_wrapper=cfg.optim_wrapper,
        param_scheduler=cfg.param_scheduler,
        default_hooks=cfg.default_hooks,
        custom_hooks=[*hooks, dict(type=KillHook, epoch=kill)],
    )
    if found := latest_checkpoint(folder):
        runner._resume, runner._load_from = True, str(found[0])
    return runner


def end_of(runner: Runner) -> dict:
    """All that the last checkpoint holds of a training, and what is told to a model or computed for it."""
    content = torch.load(Path(runner.work_dir) / f'epoch_{EPOCHS}.pth', weights_only=True)
    return dict(
        weights=content['state_dict'],
        optimizer=content['optimizer'],
        running_mean=content.get('ema_state_dict', {}),
        losses=content['message_hub']['log_scalars']['train/loss'],
        loss_weights=runner.model.criterion.weights,
        epochs=[module.epoch for module in runner.model.modules() if hasattr(module, 'set_epoch')],
    )


@pytest.mark.parametrize('method', METHODS)
def test_killed_and_resumed_equals_left_alone(method, tmp_path):
    alone = make_runner(tmp_path / 'alone', method, 'alone')
    before = {name: value.clone() for name, value in alone.model.named_parameters() if value.requires_grad}
    alone.train()
    assert [name for name, value in before.items() if torch.equal(alone.model.get_parameter(name), value)] == []
    for kill in (1, 2):
        with pytest.raises(Killed):
            make_runner(tmp_path / 'killed', method, f'killed{kill}', kill).train()
    resumed = make_runner(tmp_path / 'killed', method, 'resumed')
    resumed.train()
    torch.testing.assert_close(end_of(resumed), end_of(alone), rtol=0, atol=0, equal_nan=True)
