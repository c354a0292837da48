"""Checkpoints of the methods' official code, read and written."""

from .convert import Conversion, from_official, parts_of, to_official
from .official_file import read_weights
from .rules import METHODS, Rules

__all__ = ['METHODS', 'Conversion', 'Rules', 'from_official', 'parts_of', 'read_weights', 'to_official']
