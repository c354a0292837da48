"""Reading the ``.npz`` files that people bring."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from .printable import shortened

__all__ = ['ArrayFile']


class ArrayFile(Mapping[str, np.ndarray]):
    """The arrays of an ``.npz`` file by name. Each is read on access; pickled content is never read.

    Args:
        path (str | Path): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not an ``.npz`` file. On access to an array also if it is damaged or holds Python objects.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f'There is no feature file {str(path)!r}.')
        try:
            self._arrays = np.load(path, allow_pickle=False)
            self._names = self._arrays.files
        except Exception as error:  # NumPy, zipfile and zlib raise all kinds of errors on damaged files
            raise ValueError(f'{path} is no .npz file of plain arrays (numpy.savez), or is damaged.') from error

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        try:
            array = self._arrays[name]
        except Exception as error:
            if 'allow_pickle' in str(error):
                raise ValueError(
                    f'{self.path}: {name} holds Python objects, which are not read for safety; save a plain array.'
                ) from None
            raise ValueError(
                f'{self.path} is damaged: its array {name} cannot be read ({type(error).__name__}).'
            ) from error
        if not isinstance(array, np.ndarray):
            raise ValueError(f'{self.path} is damaged: its {name} is no array.')
        return array

    def texts(self, name: str) -> list[str]:
        """An array of strings as a list."""
        array = self[name]
        if array.dtype.kind != 'U' or array.ndim != 1:
            raise ValueError(f'{self.path}: {name} must be a list of texts, not {array.dtype} of shape {array.shape}.')
        texts = array.tolist()
        for row, text in enumerate(texts):
            try:
                os.fsencode(text)
            except ValueError:
                raise ValueError(
                    f'{self.path}: {name}, row {row}: {shortened(text)} is no text, for it has half a character.'
                ) from None
        return texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
