"""The features of a test set with their labels: all that evaluation, re-ranking and pictures need."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

__all__ = ['FeatureSet']


@dataclass
class FeatureSet:
    """One row per image; query and gallery images stand together and a protocol draws from them.

    Args:
        features (np.ndarray): (N, D) float32, rows L2-normalised.
        pids (np.ndarray): (N,) identities.
        camids (np.ndarray): (N,) camera numbers.
        modalities (np.ndarray): (N,) :class:`haresreid.structures.Modality` values.
        img_paths (list[str]): The N image files. Protocols sort by them, so they must be distinct.

    Raises:
        ValueError: If the lengths differ, a path stands twice, or a feature is not finite.
    """

    features: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    modalities: np.ndarray
    img_paths: list[str]

    def __post_init__(self):
        self.features = np.asarray(self.features, dtype=np.float32)
        for name in ('pids', 'camids', 'modalities'):
            setattr(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) != 1:
            raise ValueError(f'The arrays of a feature set must have one length, got {lengths}.')
        if len(set(self.img_paths)) != len(self):
            raise ValueError(f'{len(self) - len(set(self.img_paths))} of {len(self)} image paths are duplicates; '
                             'each image must be evaluated once.')
        bad = np.flatnonzero(~np.isfinite(self.features).all(axis=1))
        if len(bad):
            raise ValueError(f'{len(bad)} of {len(self)} features are not finite, the first is of '
                             f'{self.img_paths[bad[0]]!r}; the model has diverged or was loaded wrongly.')

    def __len__(self) -> int:
        return len(self.features)

    def save(self, path: str | Path) -> None:
        """Write all arrays to a compressed ``.npz`` file."""
        np.savez_compressed(
            path,
            features=self.features,
            pids=self.pids,
            camids=self.camids,
            modalities=self.modalities,
            img_paths=np.array(self.img_paths, dtype=np.str_))

    @classmethod
    def load(cls, path: str | Path) -> 'FeatureSet':
        """Read what :meth:`save` wrote; pickled content is refused.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If an array is missing.
        """
        with np.load(path, allow_pickle=False) as arrays:
            missing = [field.name for field in fields(cls) if field.name not in arrays]
            if missing:
                raise ValueError(f'{path} lacks {", ".join(missing)}; a feature file holds '
                                 f'{", ".join(field.name for field in fields(cls))}.')
            content = {field.name: arrays[field.name] for field in fields(cls)}
        content['img_paths'] = content['img_paths'].tolist()
        return cls(**content)
