"""The memory of a forward pass, measured in a separate process."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch

from .latency import ForwardPass

__all__ = ['PeakMemory', 'measure_memory']


@dataclass(frozen=True)
class PeakMemory:
    """Memory in bytes: resident memory of the process, or on a GPU what PyTorch has allocated.

    Attributes:
        before (int): Just before the pass: Python, its libraries, the weights and the images; on a GPU the last two.
        peak (int): The most during the pass.
    """

    before: int
    peak: int


def measure_memory(make_pass: Callable[..., ForwardPass], *args) -> PeakMemory:
    """Peak memory of a forward pass, which a new process builds and runs once.

    A process keeps memory that it has used before, so a second pass in the same process would not show its own need.

    Args:
        make_pass (Callable[..., ForwardPass]): A function that a new process can import.
        args: Its arguments, which are pickled.

    Raises:
        ValueError: On a system without Linux' /proc, unless there is a GPU; also if the process is killed.
    """
    if not torch.cuda.is_available() and not Path('/proc/self/clear_refs').exists():
        raise ValueError("The peak of a process's memory is read from Linux' /proc, which this system does not have.")
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context('spawn')) as pool:
        try:
            return pool.submit(_build_and_run, make_pass, args).result()
        except BrokenProcessPool:
            raise ValueError(
                'The process whose memory is measured was killed, as happens when a machine has too little: choose a '
                'smaller batch.'
            ) from None


def _build_and_run(make_pass: Callable[..., ForwardPass], args: tuple) -> PeakMemory:
    forward = make_pass(*args)
    if forward.images.is_cuda:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        forward()
        return PeakMemory(before, torch.cuda.max_memory_allocated())
    # getrusage's ru_maxrss does not work here: it cannot be reset, and a new process inherits its parent's
    Path('/proc/self/clear_refs').write_text('5')  # sets VmHWM, the peak, to what is resident now
    before = _status('VmRSS')
    forward()
    return PeakMemory(before, _status('VmHWM'))


def _status(key: str) -> int:
    lines = Path('/proc/self/status').read_text(encoding='ascii').splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f'{key}:'))
