"""Additions to MMEngine's training loop."""

from .adaptation import adapt_config
from .hooks import *
from .hooks import __all__ as hooks_all
from .optim_wrappers import *
from .optim_wrappers import __all__ as optim_wrappers_all
from .runner import ReIDRunner
from .schedulers import WarmupCosineLR

__all__ = [*hooks_all, *optim_wrappers_all, 'ReIDRunner', 'WarmupCosineLR', 'adapt_config']
