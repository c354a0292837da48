"""What stands on the screen of a run: our own words, and every warning and error; the log file keeps all."""

import logging
import sys

from mmengine.logging import MMLogger

from haresreid.compat.harmless_warnings import is_harmless

__all__ = ['calm']

# Whose messages below a warning go to the log file alone: libraries, the tables of every single evaluation, of which
# ProgressHook shows the last one, and the figures of the branches.
TO_THE_FILE_ALONE = (
    'mmengine',
    'mmcv',
    'mmpretrain',
    'haresreid.evaluation.metrics.vireid_metric',
    'haresreid.engine.hooks.branch_hook',
)


def calm(logger: MMLogger) -> None:
    """Keep off the screen what a logger's file is for; the file does not change.

    Args:
        logger (MMLogger): As MMEngine made it.
    """
    for handler in logger.handlers:
        if type(handler) is logging.StreamHandler and not isinstance(handler.formatter, _Plain):
            handler.addFilter(_for_people)
            handler.setFormatter(_Plain())


class _Plain(logging.Formatter):
    """The message alone, and in front of a warning or an error that it is one."""

    def format(self, record: logging.LogRecord) -> str:
        level = '' if record.levelno < logging.WARNING else f'{record.levelname.lower()}: '
        return level + super().format(record).lstrip('\n')


def _for_people(record: logging.LogRecord) -> bool:
    if record.levelno >= logging.WARNING:
        return not is_harmless(record.getMessage())
    return not f'{_speaker()}.'.startswith(tuple(f'{name}.' for name in TO_THE_FILE_ALONE))


def _speaker() -> str:
    """The module that logs: the record itself names that of ``print_log``."""
    frame = sys._getframe(1)
    while frame.f_globals['__name__'].startswith(('logging', 'mmengine.logging', __name__)):
        frame = frame.f_back
    return frame.f_globals['__name__']
