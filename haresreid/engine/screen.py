"""The screen of a run: our own messages, and every warning and error; the log file keeps everything."""

import logging
import sys

from mmengine.logging import MMLogger

from haresreid.compat.harmless_warnings import is_harmless

__all__ = ['calm']

# Loggers whose messages below a warning go only to the log file: libraries, the tables of every single evaluation (of
# which ProgressHook shows the last one), and the measurements of the branches.
TO_THE_FILE_ALONE = (
    'mmengine',
    'mmcv',
    'mmpretrain',
    'haresreid.evaluation.metrics.vireid_metric',
    'haresreid.engine.hooks.branch_hook',
)


def calm(logger: MMLogger) -> None:
    """Keep details off the screen; the logger's file does not change.

    Args:
        logger (MMLogger): The logger that MMEngine has built.
    """
    for handler in logger.handlers:
        if type(handler) is logging.StreamHandler and not isinstance(handler.formatter, _Plain):
            handler.addFilter(_for_people)
            handler.setFormatter(_Plain())


class _Plain(logging.Formatter):
    """Formats the bare message; a warning or an error is marked as one."""

    def format(self, record: logging.LogRecord) -> str:
        level = '' if record.levelno < logging.WARNING else f'{record.levelname.lower()}: '
        return level + super().format(record).lstrip('\n')


def _for_people(record: logging.LogRecord) -> bool:
    if record.levelno >= logging.WARNING:
        return not is_harmless(record.getMessage())
    return not f'{_speaker()}.'.startswith(tuple(f'{name}.' for name in TO_THE_FILE_ALONE))


def _speaker() -> str:
    """The module that logs; the record itself names the module of ``print_log``."""
    frame = sys._getframe(1)
    while frame.f_globals['__name__'].startswith(('logging', 'mmengine.logging', __name__)):
        frame = frame.f_back
    return frame.f_globals['__name__']
