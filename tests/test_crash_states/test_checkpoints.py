"""A run that has saved epochs 1 and 2, of which 1 is the best, and keeps two, saves epoch 3, which is better."""

import shutil
from pathlib import Path

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner

from haresreid.engine import AtomicCheckpointHook, PortableCheckpointHook
from haresreid.files.checkpoint_file import latest_checkpoint, read_checkpoint
from haresreid.files.files import remove_leftovers

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
    runner = Runner(
        Epoch(),
        str(tmp_path / 'log'),
        experiment_name=request.node.name,
        log_level='CRITICAL',
        train_dataloader=dict(dataset=[0], sampler=dict(type='DefaultSampler')),
        train_cfg=dict(by_epoch=True, max_epochs=3),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1)),
        custom_hooks=[dict(type=PortableCheckpointHook)],
    )
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    return runner


def hook_after(runner: Runner, folder: Path, epoch: int) -> AtomicCheckpointHook:
    """As in a run that has gone on from the checkpoint of this epoch."""
    remove_leftovers(folder)
    runner._work_dir, runner.train_loop._epoch = str(folder), epoch
    known = read_checkpoint(folder / f'epoch_{epoch}.pth')['message_hub']['runtime_info'] if epoch else {}
    runner.message_hub.runtime_info.clear()
    for key, value in known.items():
        runner.message_hub.update_info(key, value)
    hook = AtomicCheckpointHook(interval=1, max_keep_ckpts=2, save_best='mean', rule='greater')
    hook.before_train(runner)
    return hook


def save(runner: Runner, folder: Path, epoch: int) -> None:
    hook = hook_after(runner, folder, epoch - 1)
    with torch.no_grad():
        runner.model.number.fill_(epoch)
    hook.after_train_epoch(runner)


def save_best(runner: Runner, folder: Path, epoch: int) -> None:
    hook = hook_after(runner, folder, epoch)
    hook.last_ckpt = str(folder / f'epoch_{epoch}.pth')
    runner.message_hub.update_info('best_score', epoch - 1)
    hook.after_val_epoch(runner, dict(mean=epoch))


def prepare(runner: Runner, folder: Path) -> None:
    save(runner, folder, 1)
    save_best(runner, folder, 1)
    save(runner, folder, 2)


def look(folder: Path) -> tuple[int, int]:
    """The newest epoch and the best, when every file is whole, the two newest are there, and what is named exists."""
    files = {file.stem: read_checkpoint(file) for file in folder.glob('[!.]*.pth')}
    for name, content in files.items():
        assert content['state_dict']['number'].unique().tolist() == [int(name[-1])]
    newest, _ = latest_checkpoint(folder)
    epoch = int(newest.stem[-1])
    assert f'epoch_{epoch - 1}' in files
    assert Path((folder / 'last_checkpoint').read_text()).stem in files
    best = Path(files[newest.stem]['message_hub']['runtime_info']['best_ckpt']).stem
    assert best in files
    return epoch, int(best[-1])


def test_the_checkpoint_of_an_epoch_is_there_or_the_one_before(runner, tmp_path, tell):
    writer = Writer(
        lambda folder: prepare(runner, folder),
        lambda folder: save(runner, folder, 3),
        lambda folder: {(2, 1): 'old', (3, 1): 'new'}[look(folder)],
    )
    tell('checkpoint of an epoch', prove(writer, tmp_path))


def test_the_best_checkpoint_is_there_or_the_one_before(runner, tmp_path, tell):
    writer = Writer(
        lambda folder: (prepare(runner, folder), save(runner, folder, 3)),
        lambda folder: save_best(runner, folder, 3),
        lambda folder: {(3, 1): 'old', (3, 3): 'new'}[look(folder)],
    )
    tell('best checkpoint', prove(writer, tmp_path))


def test_a_copy_of_a_run_leaves_the_original_alone(runner, tmp_path):
    prepare(runner, tmp_path / 'original')
    shutil.copytree(tmp_path / 'original', tmp_path / 'copy')
    save(runner, tmp_path / 'copy', 3)
    save_best(runner, tmp_path / 'copy', 3)
    assert look(tmp_path / 'original') == (2, 1) and look(tmp_path / 'copy') == (3, 3)
    assert not (tmp_path / 'copy/best_mean_epoch_1.pth').exists()
