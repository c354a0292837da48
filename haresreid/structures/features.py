"""A feature for each image with the image's origin, and the file that keeps them."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from haresreid.files.array_files import ArrayFile
from haresreid.files.files import written_whole
from haresreid.files.label_arrays import whole_numbers
from haresreid.files.paths import expand_home

from .modality import Modality

__all__ = ['Features']

Self = TypeVar('Self', bound='Features')


@dataclass(repr=False)
class Features:
    """Features of N images. Indexing with a number, a slice, a list of numbers or a mask gives the features of these.

    Args:
        features (np.ndarray): (N, D) float32, rows L2-normalised.
        paths (list[str]): Where each image comes from: a path, ``'day.mp4#frame=12#box=0'``, or '' for an array.
        modalities (np.ndarray): (N,) int64 :class:`haresreid.structures.Modality` values.

    Raises:
        ValueError: If the lengths differ, a modality is invalid, or rows are not normalised.
    """

    ARRAYS: ClassVar[tuple[str, ...]] = ('features', 'modalities', 'img_paths')  # of the file, one entry per image

    features: np.ndarray
    paths: list[str]
    modalities: np.ndarray

    def __post_init__(self) -> None:
        features = np.asarray(self.features)
        if features.ndim != 2 or features.dtype.kind not in 'fiu':  # a cast would cut complex numbers, and take dates
            raise ValueError(
                f'Features are an (N, D) array of numbers, not {features.dtype} of shape {features.shape}.'
            )
        self.features = features.astype(np.float32, copy=False)
        self.modalities = whole_numbers(self.modalities, 'modalities', 0, 1)
        lengths = {name: len(array) for name, array in self._arrays().items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f'Features and what is known of their images must have one length, got {lengths}.')
        self._check_values()

    def _check_values(self) -> None:
        norms = np.linalg.norm(self.features, axis=1)  # (N,)
        wrong = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))  # NaN and infinity are wrong, too
        if len(wrong):
            raise ValueError(
                f'{len(wrong)} of {len(self)} features are not L2-normalised; the first is row {wrong[0]} '
                f'{self.paths[wrong[0]]!r}, of length {norms[wrong[0]]:.3g}.'
            )

    @property
    def img_paths(self) -> list[str]:
        """The paths, by the name that data sets and files have for them."""
        return self.paths

    @img_paths.setter
    def img_paths(self, paths: list[str]) -> None:
        self.paths = paths

    def _arrays(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.ARRAYS}

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, key: Any) -> 'Features':
        rows = np.atleast_1d(np.arange(len(self))[key])
        return Features(self.features[rows], [self.paths[row] for row in rows], self.modalities[rows])

    def save(self, path: str | Path) -> None:
        """Write everything to a compressed ``.npz`` file with exactly the given name."""
        content = self._written()
        with written_whole(path) as part, open(part, 'wb') as file:
            np.savez_compressed(file, **content)

    def _written(self) -> dict[str, Any]:
        return dict(self._arrays(), img_paths=np.array(self.paths, dtype=np.str_))

    @classmethod
    def load(cls: type[Self], path: str | Path) -> Self:
        """Read what :meth:`save` wrote, or ``haresreid test --dump``; pickled content is refused.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged or holds something else.
        """
        path = expand_home(path)
        arrays = ArrayFile(path)
        missing = [name for name in cls.ARRAYS if name not in arrays]
        if missing:
            raise ValueError(f'{path} lacks {", ".join(missing)}; a file of features holds {", ".join(cls.ARRAYS)}.')
        content = cls._read(arrays)
        try:
            return cls(**content)
        except ValueError as error:
            raise ValueError(f'{path}: {error}') from error

    @classmethod
    def _read(cls, arrays: ArrayFile) -> dict[str, Any]:
        """The arguments of the class."""
        return dict(features=arrays['features'], paths=arrays.texts('img_paths'), modalities=arrays['modalities'])

    def __repr__(self) -> str:
        counts = ', '.join(f'{(self.modalities == modality).sum()} {modality.name.lower()}' for modality in Modality)
        return f'Features of {len(self)} images ({counts}), {self.features.shape[1]} numbers each'

    def _repr_html_(self) -> str:
        """For notebooks: the first ten images."""
        rows = ''.join(
            f'<tr><td>{row}</td><td>{escape(path)}</td><td>{Modality(modality).name.lower()}</td></tr>'
            for row, (path, modality) in enumerate(zip(self.paths[:10], self.modalities))
        )
        more = f'<p>and {len(self) - 10} more</p>' if len(self) > 10 else ''
        return (
            f'<p>{escape(repr(self))}</p><table><tr><th scope="col">row</th><th scope="col">image</th>'
            f'<th scope="col">modality</th></tr>{rows}</table>{more}'
        )
