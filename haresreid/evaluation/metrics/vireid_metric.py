"""The one metric: turns features into the protocols' metrics and their reference rows."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dist import all_gather_object, broadcast_object_list, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from haresreid.registry import METRICS, PROTOCOLS

from ..at_chance import at_chance_warning
from ..evaluate import METRIC_NAMES, ProtocolResult
from ..feature_set import FeatureSet
from ..functional import l2_normalize
from ..references import REFERENCES, evaluate_references
from ..reranking import RERANKERS
from ..results import format_results
from ..rows import by_protocol, evaluate_rows

__all__ = ['VIReIDMetric']


@METRICS.register_module()
class VIReIDMetric(BaseMetric):
    """CMC, mAP and mINP of visible-infrared re-identification under one or more protocols.

    Features of all test images are gathered once; protocols and their trials are index draws. For each protocol a table
    is printed with the model's row, 'ours', beside the references on the same images. In distributed runs rank r has
    the images r, r + R, ... of the data set, as :class:`mmengine.dataset.DefaultSampler` deals them. Rank 0 gathers
    them over the network, drops those dealt twice to make the shares equal, and evaluates for all.

    Args:
        protocols (Sequence[dict]): Protocol configs, such as ``dict(type=SYSUProtocol, mode='all')``.
        references (Sequence[str]): Rows to print beside 'ours': any of 'chance', 'hog', 'hsv', 'patches'. They are
            computed once, at the first evaluation. Defaults to ('chance', 'hog').
        rerank (Sequence[str]): Re-rankings to evaluate as separate rows: any of 'k-reciprocal', 'aqe'.
            Defaults to none.

    Attributes:
        feature_set (FeatureSet): Features and labels of the last evaluation. Like all attributes below, rank 0 only.
        protocols (list[CrossModalProtocol]): The built protocols.
        protocol_results (dict[str, dict[str, ProtocolResult]]): Protocol name -> row name ('ours', 'hog', ...) ->
            result.
        results_table (str): The printed table.
    """

    default_prefix = ''  # the protocol's name is the prefix

    def __init__(
        self, protocols: Sequence[dict], references: Sequence[str] = ('chance', 'hog'), rerank: Sequence[str] = ()
    ):
        super().__init__()
        for given, known, what in ((references, REFERENCES, 'references'), (rerank, RERANKERS, 're-rankings')):
            if not set(given) <= set(known):
                raise ValueError(f'Unknown {what} {sorted(set(given) - set(known))}; there are {sorted(known)}.')
        self.protocols = [PROTOCOLS.build(protocol) for protocol in protocols]
        self.references = tuple(references)
        self.rerank = tuple(rerank)
        self.feature_set: FeatureSet | None = None
        self.protocol_results: dict[str, dict[str, ProtocolResult]] = {}
        self.results_table = ''
        self._reference_paths: list[str] = []
        self._reference_results: dict[str, list[ProtocolResult]] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep feature and labels of each predicted sample (a :class:`ReIDDataSample` as a dict)."""
        # one transfer from the GPU per batch instead of one per image
        features = torch.stack([sample['pred_feature'] for sample in data_samples]).detach().float()  # (B, D)
        for feature, sample in zip(features.cpu().numpy(), data_samples):
            labels = (sample[key] for key in ('pid', 'camid', 'modality', 'img_path'))
            self.results.append((feature, *labels, sample.get('role') == 'query'))

    def evaluate(self, size: int) -> dict[str, float]:
        """Evaluate the ``size`` images of the data set; this rank has processed its share of them.

        Unlike MMEngine's method, it needs no disk that all ranks share.

        Returns:
            dict[str, float]: See :meth:`compute_metrics`, the same on every rank.
        """
        columns = [np.stack(column) for column in zip(*self.results)]  # arrays; none if this rank had no image
        self.results.clear()
        parts = [part for part in all_gather_object(columns) if part]
        figures = [None]
        if is_main_process():
            figures = [self.compute_metrics([_dealt_out(shares)[:size] for shares in zip(*parts, strict=True)])]
        broadcast_object_list(figures)
        return figures[0]

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """Evaluate all protocols.

        Args:
            results (list[np.ndarray]): Features (N, D), identities, cameras, modalities, image paths and whether the
                data set lists them as queries, (N,) each, of all ranks, in the order of the data set.

        Returns:
            dict[str, float]: Means over trials in percent, ``{'sysu/all/R1': 12.3, ...}``. With several trials also
            Rank-1 of the first, ``'sysu/all/R1-first-draw'``, by which the official scripts choose a checkpoint.
        """
        features, pids, camids, modalities, img_paths, queries = results
        # Normalised again because low-precision inference gives lengths slightly different from one.
        labels = (pids, camids, modalities, img_paths.tolist())
        self.feature_set = FeatureSet(l2_normalize(features), *labels, queries=queries)
        device = 'cuda' if torch.cuda.is_available() else None
        rows = evaluate_rows(self.feature_set, self.protocols, self.rerank, device)
        self.protocol_results = by_protocol({**rows, **self._evaluate_references()})
        self.results_table = format_results(self.protocol_results)
        print_log(f'\n{self.results_table}', logger='current')
        warning = at_chance_warning(self.protocol_results)
        if warning:
            print_log(warning, logger='current', level=logging.WARNING)
        figures = {f'{result.name}/{key}': 100 * result.mean(key) for result in rows['ours'] for key in METRIC_NAMES}
        return figures | {
            f'{result.name}/R1-first-draw': 100 * float(result.figures['R1'][0])
            for result in rows['ours']
            if len(result.trials) > 1
        }

    def _evaluate_references(self) -> dict[str, list[ProtocolResult]]:
        if self._reference_paths != self.feature_set.img_paths:
            self._reference_results = evaluate_references(self.references, self.feature_set, self.protocols)
            self._reference_paths = self.feature_set.img_paths
        return self._reference_results


def _dealt_out(shares: Sequence[np.ndarray]) -> np.ndarray:
    """Restore the order of rows that were dealt out in turn: rank r of R holds the rows r, r + R, ..."""
    whole = np.empty((sum(map(len, shares)), *shares[0].shape[1:]), np.result_type(*shares))
    for rank, share in enumerate(shares):
        whole[rank :: len(shares)] = share
    return whole
