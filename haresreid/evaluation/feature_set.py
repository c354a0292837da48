"""The features of a test set with their labels: all that evaluation, re-ranking and pictures need."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from haresreid.files.array_files import ArrayFile
from haresreid.files.files import written_whole
from haresreid.files.label_arrays import whole_numbers
from haresreid.files.paths import expand_home

__all__ = ['FeatureSet']

ARRAYS = ('features', 'pids', 'camids', 'modalities', 'img_paths')


@dataclass
class FeatureSet:
    """One row per image. Query and gallery images are held together, and a protocol draws from them.

    Args:
        features (np.ndarray): (N, D) float32, rows L2-normalised.
        pids (np.ndarray): (N,) identities.
        camids (np.ndarray): (N,) camera numbers.
        modalities (np.ndarray): (N,) :class:`haresreid.structures.Modality` values.
        img_paths (list[str]): The N image files. Protocols sort by them, so they must be distinct.
        info (dict): Where the features come from, as far as that is known; JSON values only. It is copied into results.
            A run fills in ``dataset`` (the data set's metainfo and :func:`describe_data`), ``feature`` ('pre_bn' or
            'post_bn'), ``flip`` (bool), ``config`` (``name``, ``hash``) and ``checkpoint`` (``name``, ``sha256``).

    Raises:
        ValueError: If the lengths differ, a label is not a 64-bit integer, a path occurs twice, or a feature is not
            finite.
    """

    features: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    modalities: np.ndarray
    img_paths: list[str]
    info: dict = field(default_factory=dict)

    def __post_init__(self):
        self.features = np.asarray(self.features, dtype=np.float32)
        for name in ('pids', 'camids', 'modalities'):
            setattr(self, name, whole_numbers(getattr(self, name), name))
        if self.features.ndim != 2:
            raise ValueError(f'Features are an (N, D) array, not of shape {self.features.shape}.')
        lengths = {name: len(getattr(self, name)) for name in ARRAYS}
        if len(set(lengths.values())) != 1:
            raise ValueError(f'The arrays of a feature set must have one length, got {lengths}.')
        if len(set(self.img_paths)) != len(self):
            raise ValueError(
                f'{len(self) - len(set(self.img_paths))} of {len(self)} image paths are duplicates; '
                'each image must be evaluated once.'
            )
        bad = np.flatnonzero(~np.isfinite(self.features).all(axis=1))
        if len(bad):
            raise ValueError(
                f'{len(bad)} of {len(self)} features are not finite, the first is of '
                f'{self.img_paths[bad[0]]!r}; the model has diverged or was loaded wrongly.'
            )

    def __len__(self) -> int:
        return len(self.features)

    def save(self, path: str | Path) -> None:
        """Write everything to a compressed ``.npz`` file with exactly the given name."""
        arrays = dict(
            features=self.features,
            pids=self.pids,
            camids=self.camids,
            modalities=self.modalities,
            img_paths=np.array(self.img_paths, dtype=np.str_),
            info=np.array(json.dumps(self.info)),
        )
        with written_whole(path) as part, open(part, 'wb') as file:
            np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: str | Path) -> 'FeatureSet':
        """Read what :meth:`save` wrote; pickled content is refused, and ``info`` may be missing.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is another kind of file, or an array is missing.
        """
        path = expand_home(path)
        arrays = ArrayFile(path)
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            raise ValueError(f'{path} lacks {", ".join(missing)}; a feature file holds {", ".join(ARRAYS)}.')
        content = {name: arrays[name] for name in ARRAYS}
        content['img_paths'] = arrays.texts('img_paths')
        try:
            return cls(**content, info=dict(json.loads(str(arrays.get('info', '{}')))))
        except (RecursionError, TypeError, ValueError) as error:  # arrays of another type or shape, no info
            raise ValueError(f'{path} is no dump of haresreid test: {error}') from error
