"""The one metric: features in, the protocols' figures and their reference rows out."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from haresreid.registry import METRICS

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

    Features of all test images are gathered once; protocols and their trials are index draws. Each protocol prints a table
    of ours beside the references on the same images. In distributed runs only rank 0 evaluates.

    Args:
        protocols (Sequence[dict]): Protocol configs, such as ``dict(type=SYSUProtocol, mode='all')``.
        references (Sequence[str]): Rows to print beside ours, of 'chance', 'hog', 'hsv'. They are computed once, at the
            first evaluation. Defaults to ('chance', 'hog').
        rerank (Sequence[str]): Re-rankings to evaluate as rows of their own, of 'k-reciprocal', 'aqe'. Defaults to none.
        collect_device (str): As in MMEngine. Defaults to 'cpu'.

    Attributes:
        feature_set (FeatureSet): Features and labels of the last evaluation (rank 0 only, as all below).
        protocols (list[CrossModalProtocol]): The built protocols.
        protocol_results (dict[str, dict[str, ProtocolResult]]): Protocol name -> row name ('ours', 'hog', ...) -> result.
        results_table (str): The printed table.
    """

    default_prefix = ''  # the protocol's name is the prefix

    def __init__(self,
                 protocols: Sequence[dict],
                 references: Sequence[str] = ('chance', 'hog'),
                 rerank: Sequence[str] = (),
                 collect_device: str = 'cpu'):
        super().__init__(collect_device=collect_device)
        for given, known, what in ((references, REFERENCES, 'references'), (rerank, RERANKERS, 're-rankings')):
            if not set(given) <= set(known):
                raise ValueError(f'Unknown {what} {sorted(set(given) - set(known))}; there are {sorted(known)}.')
        self.protocols = [METRICS.build(protocol) for protocol in protocols]
        self.references = tuple(references)
        self.rerank = tuple(rerank)
        self.feature_set: FeatureSet | None = None
        self.protocol_results: dict[str, dict[str, ProtocolResult]] = {}
        self.results_table = ''
        self._reference_paths: list[str] = []
        self._reference_results: dict[str, list[ProtocolResult]] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep feature and labels of each predicted sample (a :class:`ReIDDataSample` as a dict)."""
        for sample in data_samples:
            row = {key: sample[key] for key in ('pid', 'camid', 'modality', 'img_path')}
            self.results.append(dict(row, feature=sample['pred_feature'].detach().float().cpu().numpy()))

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Evaluate all protocols.

        Args:
            results (list[dict]): One entry per image, of all ranks, in the order of the data set.

        Returns:
            dict[str, float]: Percent, means over trials: ``{'sysu/all/R1': 12.3, ...}``.
        """
        self.feature_set = FeatureSet(
            # Normalised again because low-precision inference leaves lengths a little off one.
            l2_normalize(np.stack([row['feature'] for row in results])),
            [row['pid'] for row in results],
            [row['camid'] for row in results],
            [row['modality'] for row in results],
            [row['img_path'] for row in results])
        device = 'cuda' if torch.cuda.is_available() else None
        rows = evaluate_rows(self.feature_set, self.protocols, self.rerank, device)
        self.protocol_results = by_protocol({**rows, **self._evaluate_references()})
        self.results_table = format_results(self.protocol_results)
        print_log(f'\n{self.results_table}', logger='current')
        warning = at_chance_warning(self.protocol_results)
        if warning:
            print_log(warning, logger='current', level=logging.WARNING)
        return {f'{result.name}/{key}': 100 * result.mean(key) for result in rows['ours'] for key in METRIC_NAMES}

    def _evaluate_references(self) -> dict[str, list[ProtocolResult]]:
        if self._reference_paths != self.feature_set.img_paths:
            self._reference_results = evaluate_references(self.references, self.feature_set, self.protocols)
            self._reference_paths = self.feature_set.img_paths
        return self._reference_results
