"""A run that has saved epochs 1 and 2, of which 1 is the best, saves epoch 3, which is better."""

import logging
from pathlib import Path

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner

from haresreid.engine import PortableCheckpointHook, WholeCheckpointHook
from haresreid.utils.checkpoint_file import latest_checkpoint, read_checkpoint
from haresreid.utils.files import remove_leftovers

from .states import Writer, prove


class Epoch(BaseModel):
    """All its weights are the number of the epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.number = torch.nn.Parameter(torch.zeros(500))

    def forward(self, inputs, data_samples=None, mode='tensor'):
        raise NotImplementedError


@pytest.fixture
def runner(tmp_path, request):
    """MMEngine's, which saves in earnest and trains nothing."""
    runner = Runner(Epoch(), str(tmp_path / 'log'), experiment_name=request.node.name,
                    train_dataloader=dict(dataset=[0], sampler=dict(type='DefaultSampler')),
                    train_cfg=dict(by_epoch=True, max_epochs=3), optim_wrapper=dict(optimizer=dict(type='SGD', lr=1)),
                    custom_hooks=[dict(type=PortableCheckpointHook)])  # yapf: disable
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    logging.disable(logging.CRITICAL)
    yield runner
    logging.disable(logging.NOTSET)


def hook_at(runner: Runner, folder: Path, epoch: int, **information) -> WholeCheckpointHook:
    """As in a run that has ended so many epochs."""
    runner._work_dir, runner.train_loop._epoch = str(folder), epoch
    runner.message_hub.runtime_info.clear()
    for key, value in information.items():
        runner.message_hub.update_info(key, value)
    hook = WholeCheckpointHook(interval=1, max_keep_ckpts=2, save_best='mean', rule='greater')
    hook.before_train(runner)
    return hook


def save(runner: Runner, hook: WholeCheckpointHook) -> None:
    with torch.no_grad():
        runner.model.number.fill_(runner.epoch + 1)
    hook.after_train_epoch(runner)
    runner.train_loop._epoch += 1


def prepare(runner: Runner, folder: Path) -> None:
    hook = hook_at(runner, folder, 0)
    save(runner, hook)
    hook.after_val_epoch(runner, dict(mean=.1))
    save(runner, hook)


def change(runner: Runner, folder: Path) -> None:
    remove_leftovers(folder)
    hook = hook_at(runner, folder, 2, keep_ckpt_ids=[1, 2], best_score=.1, best_ckpt=str(folder / 'best_mean_epoch_1.pth'))
    save(runner, hook)
    hook.after_val_epoch(runner, dict(mean=.2))


def look(folder: Path) -> str:
    """Every file is whole, the two newest epochs are there, and what is named exists."""
    numbers = {}
    for file in folder.glob('[!.]*.pth'):
        values = read_checkpoint(file)['state_dict']['number'].unique()
        assert values.tolist() == [int(file.stem[-1])], file
        numbers.setdefault(file.stem[:-1], set()).add(int(values))
    newest, _ = latest_checkpoint(folder)
    epoch = int(newest.stem[-1])
    assert epoch in (2, 3) and {epoch - 1, epoch} <= numbers['epoch_']
    best = read_checkpoint(newest)['message_hub']['runtime_info']['best_ckpt']
    assert (folder / Path(best).name).is_file()
    assert (folder / Path((folder / 'last_checkpoint').read_text()).name).is_file()
    return 'new' if epoch == 3 and '3' in Path(best).stem else 'old'


def test_checkpoints_are_old_or_new(runner, tmp_path, tell):
    writer = Writer(lambda folder: prepare(runner, folder), lambda folder: change(runner, folder), look)
    tell('checkpoint and best checkpoint of an epoch', prove(writer, tmp_path))
