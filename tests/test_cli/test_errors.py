import os
import signal
import subprocess
import sys

import pytest
import torch
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader, Dataset

from haresreid.cli.errors import clear_errors
from haresreid.registry import MODELS


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('haresreid')


class Dies(Dataset):
    """Its worker ends as the system ends it when memory, or shared memory, runs out."""

    def __init__(self, how: int) -> None:
        self.how = how

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int):
        os.kill(os.getpid(), self.how)


@pytest.mark.parametrize(
    'how, sentence',
    [
        (signal.SIGKILL, r'killed by signal: Killed\. Probably memory ran out.*train_dataloader\.num_workers=1'),
        (
            signal.SIGBUS,
            r'killed by signal: Bus error\. Probably the shared memory is full \(\d+ MiB.*docker run --shm-size=8g',
        ),
        (
            signal.SIGSEGV,
            r'killed by signal: Segmentation fault\. Probably .*num_workers=0 with persistent_workers=False shows the ',
        ),
    ],
)
def test_a_lost_worker_is_explained_in_one_sentence(how, sentence):
    with pytest.raises(SystemExit, match=sentence) as ended, clear_errors():
        list(DataLoader(Dies(how), num_workers=1))
    assert ended.value.code.startswith('error: DataLoader worker (pid') and '\n' not in ended.value.code
    assert '--resume' in ended.value.code


def test_what_a_config_cannot_build_is_named():
    with (
        pytest.raises(SystemExit, match=r'^error: HierarchicalFeatureExtractor cannot be built .*\(TypeError: '),
        clear_errors(),
    ):
        MODELS.build(dict(type='HierarchicalFeatureExtractor', encoder=5))


def test_a_type_that_nobody_knows_is_named():
    with (
        pytest.raises(SystemExit, match='^error: ResNot is not in the haresreid::model registry: correct'),
        clear_errors(),
    ):
        MODELS.build(dict(type='ResNot'))


def test_a_head_of_another_width_than_the_backbone_is_named():
    head = MODELS.build(dict(type='BNNeckHead', in_channels=16))
    sentence = r'BNNeckHead does not fit .*should contain 8 elements not 16.*model\.head\.in_channels'
    with pytest.raises(SystemExit, match=sentence), clear_errors():
        head((torch.randn(2, 8, 3, 3),), None)


def test_widths_outside_of_a_model_are_a_fault_of_the_program():
    with pytest.raises(RuntimeError, match='shapes cannot be multiplied'), clear_errors():
        torch.randn(2, 3) @ torch.randn(4, 5)


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(KeyError), clear_errors():
        {}['no such key']


def test_the_traceback_can_be_asked_for(monkeypatch):
    monkeypatch.setenv('HARESREID_TRACEBACK', '1')
    with pytest.raises(ValueError, match='bad'), clear_errors():
        raise ValueError('bad')


@pytest.mark.parametrize(
    'error',
    [
        FileNotFoundError('there is no image a\x1b[2J\nb.jpg'),
        ValueError('a\x1b[2J\nb.jpg'),
        OSError(2, 'gone', 'a\x1b[2J\nb.jpg'),
    ],
)
def test_a_name_in_a_sentence_cannot_command_the_terminal_nor_hide_what_stands_before_it(error):
    with pytest.raises(SystemExit, match=r'^error: .*a\\x1b\[2J\\nb\.jpg') as ended, clear_errors():
        raise error
    assert ended.value.code.isprintable()


@pytest.mark.parametrize(
    'advice, said', [('', b'\nstopped\n'), ('again with --resume', b'\nstopped; again with --resume\n')]
)
def test_stopped_by_the_user_it_says_so_and_ends_by_the_signal(advice, said):
    """By the signal, so that a shell's loop over seeds ends too."""
    code = (
        f'from haresreid.cli.errors import clear_errors\nwith clear_errors():\n    raise KeyboardInterrupt({advice!r})'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True)
    assert (done.stdout, done.stderr, done.returncode) == (b'', said, -signal.SIGINT)


def test_where_it_was_stopped_can_be_asked_for(monkeypatch):
    monkeypatch.setenv('HARESREID_TRACEBACK', '1')
    code = 'from haresreid.cli.errors import clear_errors\nwith clear_errors():\n    raise KeyboardInterrupt'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True)
    assert b'Traceback' in done.stderr and done.returncode == -signal.SIGINT


def test_a_reader_that_has_read_enough():
    """``| head`` closes the pipe: nothing is wrong, and nothing is said."""
    code = 'from haresreid.cli.errors import clear_errors\nwith clear_errors():\n    while True:\n        print("line")'
    with subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b'', 0)
