"""The features of a test set with their labels: all that evaluation, re-ranking and pictures need."""

import json
from typing import Any

import numpy as np

from haresreid.files.array_files import ArrayFile
from haresreid.files.label_arrays import whole_numbers
from haresreid.structures import Features

__all__ = ['FeatureSet']


class FeatureSet(Features):
    """Features with labels. Query and gallery images are held together, and a protocol draws from them.

    Retrieval expects rows of unit length, but only finite rows are required. A collapsed model's rows are zero, and
    rows beside given distances have width 0.

    Args:
        features (np.ndarray): (N, D) float32, rows L2-normalised.
        pids (np.ndarray): (N,) identities.
        camids (np.ndarray): (N,) camera numbers.
        modalities (np.ndarray): (N,) :class:`haresreid.structures.Modality` values.
        img_paths (list[str]): The N image files. Protocols sort by them, so they must be distinct.
        info (dict): Where the features come from, as far as that is known; JSON values only. It is copied into results.
            A run fills in ``dataset`` (the data set's metainfo and :func:`describe_data`), ``feature`` ('pre_bn' or
            'post_bn'), ``flip`` (bool), ``config`` (``name``, ``hash``), ``checkpoint`` (``name``, ``sha256``)
            and, after a training, its ``seed``.
        queries (np.ndarray, optional): (N,) bool, the images that the data set lists as queries, for protocols whose
            queries are listed and not drawn. Defaults to None: it lists none.

    Raises:
        ValueError: If the lengths differ, a label is not a 64-bit integer, a modality is invalid, a path occurs twice,
            or a feature is not finite.
    """

    ARRAYS = ('features', 'pids', 'camids', 'modalities', 'img_paths')

    def __init__(
        self,
        features: np.ndarray,
        pids: np.ndarray,
        camids: np.ndarray,
        modalities: np.ndarray,
        img_paths: list[str],
        info: dict | None = None,
        queries: np.ndarray | None = None,
    ) -> None:
        self.pids, self.camids = whole_numbers(pids, 'pids'), whole_numbers(camids, 'camids')
        self.info = {} if info is None else info
        self.queries = np.zeros(len(pids), bool) if queries is None else np.asarray(queries, bool)
        super().__init__(features, img_paths, modalities)

    def _check_values(self) -> None:
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

    def __getitem__(self, key: Any) -> 'FeatureSet':
        rows = np.atleast_1d(np.arange(len(self))[key])
        labels = (array[rows] for array in (self.features, self.pids, self.camids, self.modalities))
        return FeatureSet(*labels, [self.img_paths[row] for row in rows], self.info, self.queries[rows])

    def _arrays(self) -> dict[str, Any]:
        return dict(super()._arrays(), queries=self.queries)

    def _written(self) -> dict[str, Any]:
        written = dict(super()._written(), info=np.array(json.dumps(self.info)))
        written['queries'] = self.queries.astype(np.uint8)
        return written if self.queries.any() else {key: value for key, value in written.items() if key != 'queries'}

    @classmethod
    def _read(cls, arrays: ArrayFile) -> dict[str, Any]:
        labels = {name: arrays[name] for name in ('pids', 'camids', 'modalities')}
        try:
            info = dict(json.loads(str(arrays.get('info', '{}'))))
        except (RecursionError, TypeError, ValueError) as error:
            raise ValueError(f'{arrays.path}: info is no JSON object ({error})') from error
        if 'queries' in arrays:
            labels['queries'] = arrays['queries']
        return dict(labels, features=arrays['features'], img_paths=arrays.texts('img_paths'), info=info)
