"""Readers of files with boxes; the content of a file tells which format it has."""

from .read import read_boxes

__all__ = ['read_boxes']
