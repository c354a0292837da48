"""Runs trainings, several at a time, and estimates how long the rest will take."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from haresreid.files.files import write_json
from haresreid.files.text_files import read_json

from .runs import Run, run_state

__all__ = ['Job', 'LocalJob', 'Start', 'format_seconds', 'read_pace', 'run_all', 'time_left']

TAIL = 15  # lines shown of a failed run's log
POLL = 0.2  # seconds between two polls of the processes
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Job(Protocol):
    """A training that was started, or one that was found at work."""

    def poll(self) -> int | None:
        """The exit code, 0 for success; None while it is at work."""

    def end(self) -> None:
        """End it, if it is at work."""


Start = Callable[[Run], Job]


def run_all(
    runs: Sequence[Run], jobs: int, report: Callable[[str], None] = print, start: Start | None = None
) -> list[Run]:
    """Run or resume all unfinished runs; if one fails, the others continue.

    The output of a run is appended to ``train.log`` in its folder. Processes of this machine do not outlive this call,
    however it ends; on Linux not even if this process is killed.

    Args:
        runs (Sequence[Run]): The runs, in the order in which they start.
        jobs (int): Number of simultaneous runs; they share the cores, unless OMP_NUM_THREADS gives the number for each.
        report (Callable): Called with a line whenever a run starts or ends.
        start (Callable, optional): Starts a run, whose folder exists. Defaults to None: as a process of this machine.

    Returns:
        list[Run]: The runs that failed.

    Raises:
        ValueError: If a folder holds another run; in this case nothing has been started.
    """
    waiting = [run for run in runs if not run_state(run).finished]
    start = start or partial(LocalJob, environment={'OMP_NUM_THREADS': str(max(1, _cores() // jobs)), **os.environ})
    total, ended, failed = len(waiting), 0, []
    active: dict[Run, tuple[Job, float, int]] = {}
    try:
        while waiting or active:
            while waiting and len(active) < jobs:
                run = waiting.pop(0)
                state = run_state(run)
                report(f'started {run.name} ({state}), its log: {run.log}')
                run.folder.mkdir(parents=True, exist_ok=True)
                _write_record(run)
                active[run] = start(run), time.monotonic(), state.epoch
            time.sleep(POLL)
            for run, code in {run: job.poll() for run, (job, *_) in active.items()}.items():
                if code is None:
                    continue
                _, begin, epoch = active.pop(run)
                seconds = time.monotonic() - begin
                ended += 1
                if code == 0 and run_state(run).finished:
                    _write_record(run, epochs=run.epochs - epoch, seconds=round(seconds, 1))
                    outcome = f'finished {run.name} in {format_seconds(seconds)}'
                else:
                    failed.append(run)
                    outcome = f'FAILED {run.name} (exit code {code}); the end of its log:\n{_tail(run)}\n'
                left = time_left([*active, *waiting], jobs, read_pace(runs))
                report(f'[{ended}/{total}] {outcome}, ETA {"unknown" if left is None else format_seconds(left)}')
    finally:
        for job, *_ in active.values():
            job.end()
    return failed


class LocalJob:
    """A training as a process of this machine, in a process group of its own.

    Args:
        run (Run): The training.
        environment (dict): Its environment variables.
    """

    def __init__(self, run: Run, environment: dict) -> None:
        with open(run.log, 'ab') as log:
            self.process = subprocess.Popen(
                run.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )

    def poll(self) -> int | None:
        return self.process.poll()

    def end(self) -> None:
        """Kill it with its loader's workers, which is safe, as checkpoints are atomic."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def time_left(runs: Iterable[Run], jobs: int, pace: float | None) -> float | None:
    """Seconds until all unfinished runs are done; None if the pace is unknown.

    Args:
        runs (Iterable[Run]): The runs; finished ones take no time.
        jobs (int): Number of simultaneous runs.
        pace (float, optional): Seconds per epoch of one run.
    """
    epochs = [run.epochs - run_state(run).epoch for run in runs if not run_state(run).finished]
    if not epochs:
        return 0.0
    return None if pace is None else max(sum(epochs) / jobs, max(epochs)) * pace


def read_pace(runs: Iterable[Run]) -> float | None:
    """Seconds per epoch, including evaluation and start, over the finished runs; None if none was timed."""
    records = [read_json(run.record) for run in runs if run.record.exists()]
    timed = [record for record in records if record.get('epochs')]  # skips runs resumed only for the last evaluation
    return sum(record['seconds'] for record in timed) / sum(record['epochs'] for record in timed) if timed else None


def format_seconds(seconds: float) -> str:
    """Format seconds as hours, minutes and seconds: '1:02:03'."""
    return str(timedelta(seconds=round(seconds)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()


def _tail(run: Run) -> str:
    lines = run.log.read_text(encoding='utf-8', errors='replace').splitlines()[-TAIL:]
    return '\n'.join(f'    {line}' for line in lines)


def _write_record(run: Run, **timing) -> None:
    recipe = run.recipe._asdict()
    write_json(run.record, dict(recipe, split=run.split, seed=run.seed, hash=run.hash, **timing))


def _die_with_parent() -> Callable[[], None] | None:
    """A function for the child to run before its program: it asks the kernel to kill it when its parent ends."""
    if sys.platform != 'linux':
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before it was asked
            os._exit(1)

    return ask
