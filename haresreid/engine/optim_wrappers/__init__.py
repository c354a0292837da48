"""Optimiser wrappers and their constructors."""

from .bf16_optim_wrapper import BF16OptimWrapper
from .grouped_constructor import GroupedOptimWrapperConstructor
from .turn_constructor import TurnOptimWrapperConstructor

__all__ = ['BF16OptimWrapper', 'GroupedOptimWrapperConstructor', 'TurnOptimWrapperConstructor']
