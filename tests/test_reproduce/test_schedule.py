"""Scheduling with programs of a few lines in the place of trainings."""

import json
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from haresreid.reproduce import Recipe, Run, read_pace, run_all, run_state, schedule, time_left

TRAIN = """
import json, os, sys, time
folder, mode = sys.argv[1:]
others = os.path.dirname(folder)
open(folder + '/pid', 'w').write(str(os.getpid()))
print('a line of the log', os.environ['OMP_NUM_THREADS'])
if mode == 'hang':
    time.sleep(600)
if mode == 'fail':
    sys.exit('error: no such thing')
if mode == 'meet':  # ends well only beside another
    end = time.monotonic() + 20
    while sum(os.path.exists(f'{others}/{name}/pid') for name in os.listdir(others)) < 2:
        time.sleep(.01)
        if time.monotonic() > end:
            sys.exit('alone')
if mode == 'crowd':  # count who is there
    open(folder + '/here', 'w').close()
    time.sleep(.1)
    count = sum(os.path.exists(f'{others}/{name}/here') for name in os.listdir(others))
    open(folder + '/count', 'w').write(str(count))
    os.remove(folder + '/here')
if mode != 'silent':
    metrics = dict(protocols={}, data=dict(fingerprint='f'), config=dict(hash='h'))
    json.dump(metrics, open(folder + '/metrics.json', 'w'))
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(schedule, 'POLL', 0.01)


@pytest.fixture
def make(tmp_path):
    def make(name: str, mode: str = 'work', epochs: int = 4) -> Run:
        folder = tmp_path / name
        return Run(
            Recipe(f'{name}.py'), 0, None, folder, 'h', epochs, (sys.executable, '-S', '-c', TRAIN, str(folder), mode)
        )

    return make


def wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rsplit(')')[1].split()[0]
    except FileNotFoundError:
        return False
    return state != 'Z'  # a zombie has ended, and waits for being counted


def pid_of(run: Run) -> int:
    file = run.folder / 'pid'
    wait_for(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def test_runs_run_together_and_share_the_cores(make, monkeypatch):
    monkeypatch.setattr(schedule, '_cores', lambda: 6)
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    runs = [make('a', 'meet'), make('b', 'meet')]
    assert run_all(runs, 2) == []
    assert (runs[0].folder / 'train.log').read_text() == 'a line of the log 3\n'


def test_no_more_run_together_than_allowed(make):
    runs = [make(f'run_{number}', 'crowd') for number in range(5)]
    assert run_all(runs, 2) == []
    assert max(int((run.folder / 'count').read_text()) for run in runs) <= 2


def test_finished_runs_are_not_repeated(make):
    runs, lines = [make('a'), make('b')], []
    run_all(runs[:1], 1)
    first = (runs[0].folder / 'pid').read_text()
    run_all(runs, 1, lines.append)
    assert (runs[0].folder / 'pid').read_text() == first
    assert [line.split(' (')[0] for line in lines[:1]] == ['started b, seed 0']
    assert lines[1].startswith('[1/1] finished b, seed 0 in 0:00:0') and lines[1].endswith('ETA 0:00:00')
    run_all(runs, 1, lines.append)
    assert len(lines) == 2


@pytest.mark.parametrize('mode', ['fail', 'silent'])
def test_a_failed_run_is_named_with_its_log_and_the_others_go_on(make, mode):
    bad, good, lines = make('bad', mode), make('good'), []
    assert run_all([bad, good], 1, lines.append) == [bad]
    message = next(line for line in lines if 'FAILED' in line)
    assert 'FAILED bad, seed 0 (exit code ' in message and 'a line of the log' in message
    assert mode != 'fail' or 'error: no such thing' in message
    assert run_state(good).finished and not run_state(bad).finished


def test_an_end_by_an_error_ends_the_runs(make):
    runs = [make('a', 'hang'), make('b', 'hang')]

    def report(line):
        if 'started b' in line:
            pid_of(runs[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(runs, 2, report)
    assert not is_alive(pid_of(runs[0]))


@pytest.mark.skipif(sys.platform != 'linux', reason='asks the Linux kernel')
def test_a_killed_command_leaves_no_run_and_goes_on_when_started_again(make):
    done, hanging = make('done'), make('hanging', 'hang')
    parent = multiprocessing.get_context('fork').Process(target=run_all, args=([done, hanging], 1, len))
    parent.start()
    child = pid_of(hanging)
    os.kill(parent.pid, signal.SIGKILL)
    parent.join()
    wait_for(lambda: not is_alive(child))
    first = (done.folder / 'pid').read_text()
    assert run_all([done, make('hanging')], 1) == []
    assert run_state(hanging).finished and (done.folder / 'pid').read_text() == first


def test_the_time_that_is_left(make):
    runs = [make('a'), make('b', epochs=10), make('c', epochs=10)]
    assert read_pace(runs) is None and time_left(runs, 1, None) is None
    run_all(runs[:1], 1)
    record = json.loads(runs[0].record.read_text())
    runs[0].record.write_text(json.dumps(dict(record, seconds=12.0)))
    assert record['epochs'] == 4 and read_pace(runs) == 3.0
    runs[1].folder.mkdir()
    runs[1].record.write_text(json.dumps(dict(hash='h')))
    (runs[1].folder / 'last_checkpoint').write_text('/elsewhere/epoch_7.pth')
    assert time_left(runs, 1, 3.0) == (3 + 10) * 3.0
    assert time_left(runs, 2, 3.0) == 10 * 3.0, 'one run is not shared by two jobs'
    assert time_left(runs[:1], 1, None) == 0
