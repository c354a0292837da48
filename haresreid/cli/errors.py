"""Ending a command with one sentence when the user's input is at fault. It imports nothing slow."""

import errno
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from haresreid.files.printable import printable

__all__ = ['clear_errors']

ADVICE = {
    errno.EACCES: ': give another path, or change the permissions',
    errno.EEXIST: ', so nothing new can be made under that name: give another',
    errno.EROFS: ', so nothing can be written there: give another folder',
    errno.ELOOP: ', since a link stands there: remove it',  # a lock follows no link
}
# How PyTorch's layers say that what they are given has another width than they.
MISFIT = re.compile(
    r'shapes cannot be multiplied|running_mean should contain|channels, but got|Given normalized_shape='
)


@contextmanager
def clear_errors() -> Iterator[None]:
    """End with one sentence instead of a traceback when the user's input is at fault, or the user stops it.

    ``HARESREID_TRACEBACK=1`` shows the traceback nevertheless.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # of `| head`, which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
    except KeyboardInterrupt as stop:
        if not os.environ.get('HARESREID_TRACEBACK'):
            print('\nstopped' + printable(f'; {stop}' if str(stop) else ''), file=sys.stderr)
            sys.excepthook = _print_nothing
        raise  # so that Python ends by the signal, which ends a shell's loop as well
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None or os.environ.get('HARESREID_TRACEBACK'):
            raise
        sys.exit(f'error: {printable(sentence)}')


def _print_nothing(*_) -> None:
    pass


def _sentence(error: Exception) -> str | None:
    """The sentence for an error; None if it is a fault of the program, which needs the traceback."""
    message = str(error).strip()
    if message.startswith('Caught '):  # from a loader's worker: a traceback, whose last line holds the error
        message = re.sub(r'^[\w.]*Error: ', '', message.splitlines()[-1])
    if isinstance(error, OSError) and error.filename is not None:
        return f'{error.filename}: {error.strerror}{ADVICE.get(error.errno, "")}'
    if isinstance(error, (OSError, ValueError)):
        return message
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith('haresreid'):
        return (
            f'this needs the package {error.name.split(".")[0]!r}, which is not installed: install haresreid with what '
            'it requires, pip install -e .'
        )
    for told in (str(error.__cause__), message):  # the cause, if PyTorch gives it, knows the signal
        if told.startswith('DataLoader worker (pid'):
            return _lost_worker(told)
    if isinstance(error, KeyError) and 'is not in the' in message:  # MMEngine's message about an unknown type
        return message.strip('"\'').split('. ')[0] + ': correct its type in the config'
    if isinstance(error, RuntimeError) and MISFIT.search(message):
        return _misfit(error, message)
    build_from_cfg = getattr(sys.modules.get('mmengine.registry'), 'build_from_cfg', None)  # without importing it
    for frame, _ in traceback.walk_tb(error.__traceback__ if build_from_cfg else None):
        if frame.f_code is build_from_cfg.__code__ and 'obj_cls' in frame.f_locals:
            return (
                f'{frame.f_locals["obj_cls"].__name__} cannot be built with what the config gives it '
                f'({type(error).__name__}: {message}); HARESREID_TRACEBACK=1 shows where'
            )
    return None


def _misfit(error: RuntimeError, message: str) -> str | None:
    """PyTorch's message about a width, with the part of the model that has it; None outside of a model."""
    parts = [type(frame.f_locals.get('self')) for frame, _ in traceback.walk_tb(error.__traceback__)]
    parts = [part.__name__ for part in parts if part.__module__.startswith('haresreid.models')]
    if not parts:
        return None
    return (
        f'{parts[-1]} does not fit the part of the model in front of it ({message}): compare the widths in the config, '
        'such as model.head.in_channels, with those of the backbone; HARESREID_TRACEBACK=1 shows where'
    )


def _lost_worker(message: str) -> str:
    """PyTorch's message about a data loader's process that died, with the probable cause."""
    lower = (
        'lower the num_workers of its data loader in the config, or where a command takes --cfg-options, with '
        'train_dataloader.num_workers=1 (or val_..., test_...)'
    )
    if 'Bus error' in message or 'shared memory' in message:
        free = f'{shutil.disk_usage("/dev/shm").free >> 20} MiB' if os.path.isdir('/dev/shm') else 'an unknown part'
        cause = (
            f'the shared memory is full ({free} of /dev/shm is free now): enlarge it (docker run --shm-size=8g, or '
            f'mount -o remount,size=8g /dev/shm), or {lower}'
        )
    elif 'Killed' in message:
        cause = f'memory ran out, and the system killed it (dmesg says so): {lower}, or use smaller batches'
    else:
        cause = (
            'memory ran out, or a library failed: num_workers=0 with persistent_workers=False shows the error itself; '
            f'if memory it is, {lower}'
        )
    what = message.split('. ')[0].rstrip('. ')
    return f'{what}. Probably {cause}. A training goes on from its last checkpoint with --resume'
