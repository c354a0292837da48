"""A training that is killed and resumed ends as one that was left alone."""

import os
from typing import ClassVar

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from haresreid.datasets.samplers import CrossModalityIdentitySampler
from haresreid.engine import AtomicCheckpointHook, IterationSeedHook, PortableCheckpointHook
from haresreid.files.checkpoint_file import latest_checkpoint

EPOCHS = 4  # of five iterations


class Killed(BaseException):
    """Instead of SIGKILL."""


class Vectors(torch.utils.data.Dataset):
    """Vectors of four people in two modalities, with noise for an augmentation."""

    metainfo: ClassVar = {}
    MODALITIES = (0, 1)

    def __init__(self) -> None:
        self.labels, self.modalities = np.arange(32) % 4, np.arange(32) // 4 % 2

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict:
        if hasattr(index, 'seed_generators'):
            index.seed_generators()
        noise = torch.from_numpy(np.random.randn(6).astype('f4')) if hasattr(index, 'seed_generators') else 0
        return dict(inputs=torch.full((6,), float(self.labels[index])) + noise, data_samples=int(self.labels[index]))


class Classifier(BaseModel):
    """With batch statistics and dropout, so that a step depends on more than its batch and its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 4))

    def forward(self, inputs: list, data_samples: list, mode: str = 'loss'):
        logits = self.layers(torch.stack(inputs))
        if mode == 'predict':
            return list(logits)
        return dict(loss=nn.functional.cross_entropy(logits, torch.tensor(data_samples)))


class Mean(BaseMetric):
    """A figure that every change of a weight changes."""

    def process(self, data_batch, data_samples) -> None:
        self.results += data_samples

    def compute_metrics(self, results: list) -> dict:
        return dict(mean=torch.stack(results).mean().item())


class Better(Mean):
    """A figure that grows from one evaluation to the next."""

    evaluations = 0

    def compute_metrics(self, results: list) -> dict:
        self.evaluations += 1
        return dict(mean=self.evaluations)


class KillHook(Hook):
    """Ends the run at a named point of an iteration, counted over all starts as MMEngine does."""

    priority = 'HIGHEST'

    def __init__(self, point: str, place: int) -> None:
        self.point, self.place = point, place

    def _kill(self, point: str, place: int) -> None:
        if (point, place) == (self.point, self.place):
            raise Killed

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        self._kill('train', runner.iter)

    def before_val_iter(self, runner, batch_idx, data_batch=None) -> None:
        self._kill('val', runner.epoch)

    def before_save_checkpoint(self, runner, checkpoint) -> None:
        self._kill('save', checkpoint['meta']['epoch'])


def make_runner(
    folder, name: str, resume: bool = False, seeds: bool = True, kill: tuple | None = None, metric: type = Mean
) -> Runner:
    torch.manual_seed(0)
    runner = Runner(
        Classifier(),
        str(folder),
        experiment_name=f'{folder.parent.name}_{name}',
        randomness=dict(seed=5),
        # in a process of their own: in that of the model, drawing an image would seed the model's generator too
        train_dataloader=dict(
            dataset=Vectors(),
            num_workers=1,
            batch_size=8,
            sampler=dict(type=CrossModalityIdentitySampler, num_ids=2, num_instances=2),
        ),
        val_dataloader=dict(
            dataset=Vectors(), num_workers=0, batch_size=8, sampler=dict(type='DefaultSampler', shuffle=False)
        ),
        val_cfg={},
        val_evaluator=[metric()],
        train_cfg=dict(by_epoch=True, max_epochs=EPOCHS, val_interval=2),
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.01)),
        param_scheduler=dict(type='LinearLR', start_factor=0.1, end=10, by_epoch=False),
        default_hooks=dict(
            checkpoint=dict(type=AtomicCheckpointHook, interval=1, max_keep_ckpts=2, save_best='mean', rule='greater')
        ),
        custom_hooks=[
            dict(type=PortableCheckpointHook),
            dict(type='EMAHook'),
            *([dict(type=IterationSeedHook)] * seeds),
            *([dict(type=KillHook, point=kill[0], place=kill[1])] if kill else []),
        ],
    )
    if resume and (found := latest_checkpoint(folder)):
        runner._resume, runner._load_from = True, str(found[0])
    return runner


def end_of(folder) -> dict:
    content = torch.load(folder / f'epoch_{EPOCHS}.pth', weights_only=True)
    hub = content['message_hub']
    return dict(
        weights=content['state_dict'],
        ema=content['ema_state_dict'],
        optimiser=content['optimizer'],
        rate=content['param_schedulers'][0]['_last_value'],
        best=hub['runtime_info']['best_score'],
        loss=hub['log_scalars']['train/loss'],
    )


def kept(folder) -> list[str]:
    return sorted(file.name for file in folder.glob('*.pth'))


def assert_equal(one, other) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)


@pytest.fixture
def alone(tmp_path) -> dict:
    make_runner(tmp_path / 'alone', 'alone').train()
    return end_of(tmp_path / 'alone')


def test_killed_everywhere_and_resumed_equals_left_alone(tmp_path, alone):
    # before there is a checkpoint, within an epoch, in both evaluations, and before each checkpoint is written
    kills = [
        ('train', 1),
        ('save', 1),
        ('train', 7),
        ('save', 2),
        ('val', 2),
        ('val', 2),
        ('train', 12),
        ('save', 4),
        ('train', 16),
        ('val', 4),
        ('val', 4),
    ]
    for number, kill in enumerate(kills):
        with pytest.raises(Killed):
            make_runner(tmp_path / 'killed', f'killed{number}', resume=True, kill=kill).train()
    make_runner(tmp_path / 'killed', 'killed', resume=True).train()
    assert_equal(end_of(tmp_path / 'killed'), alone)
    assert kept(tmp_path / 'killed') == kept(tmp_path / 'alone')
    assert kept(tmp_path / 'alone')[1:] == [f'epoch_{EPOCHS - 1}.pth', f'epoch_{EPOCHS}.pth']


def test_without_seeds_it_would_not(tmp_path, alone):
    with pytest.raises(Killed):
        make_runner(tmp_path / 'killed', 'unseeded_killed', seeds=False, kill=('train', 7)).train()
    make_runner(tmp_path / 'killed', 'unseeded', seeds=False, resume=True).train()
    make_runner(tmp_path / 'unseeded', 'unseeded_alone', seeds=False).train()
    with pytest.raises(AssertionError):
        assert_equal(end_of(tmp_path / 'killed')['weights'], end_of(tmp_path / 'unseeded')['weights'])


def test_a_full_disk_stops_the_run_and_takes_nothing_away(tmp_path, alone, monkeypatch):
    folder, sync = tmp_path / 'full', os.fsync
    runner = make_runner(folder, 'full')

    def no_space(descriptor: int) -> None:
        if runner.iter == 15:  # when the third epoch is saved
            raise OSError(28, os.strerror(28))
        sync(descriptor)

    monkeypatch.setattr(os, 'fsync', no_space)
    with pytest.raises(OSError) as stopped:
        runner.train()
    monkeypatch.undo()
    message = str(stopped.value)
    assert message.startswith(f'{folder / "epoch_3.pth"} cannot be written: No space left on device (it takes 0.')
    assert 'MiB are free). What was saved before is whole' in message and message.endswith('go on with --resume')
    # the last two are there still, and nothing half
    assert kept(folder)[-2:] == ['epoch_1.pth', 'epoch_2.pth']
    assert not list(folder.glob('.*')) and latest_checkpoint(folder)[0] == folder / 'epoch_2.pth'
    make_runner(folder, 'full_again', resume=True).train()
    assert_equal(end_of(folder), alone)
    assert kept(folder) == kept(tmp_path / 'alone')


def test_an_older_checkpoint_goes_only_when_the_newer_is_there(tmp_path, monkeypatch):
    steps = []
    for name in ('replace', 'remove'):
        real = getattr(os, name)
        monkeypatch.setattr(
            os,
            name,
            lambda *paths, name=name, real=real: (steps.append((name, os.path.basename(paths[-1]))), real(*paths)),
        )
    make_runner(tmp_path / 'run', 'order', metric=Better).train()
    names = [f'{name} {file}' for name, file in steps if file.startswith('epoch')]
    assert names.index('replace epoch_3.pth') < names.index('remove epoch_1.pth') < names.index('replace epoch_4.pth')
    best = [f'{name} {file}' for name, file in steps if 'best' in file]
    assert best == ['replace best_mean_epoch_2.pth', 'replace best_mean_epoch_4.pth', 'remove best_mean_epoch_2.pth']
