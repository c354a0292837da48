"""What corrupted images cost a model: its metrics on the clean test set and under each corruption."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Subset

from haresreid.apis.test_set import extract_feature_set, predict
from haresreid.datasets import Corrupt, LanczosResize, LoadReIDImage
from haresreid.datasets.corruptions import ANY, CORRUPTIONS
from haresreid.datasets.packed_images import LoadPackedImage
from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.models import VIReID
from haresreid.structures import Modality

__all__ = ['CLEAN', 'METRICS', 'Condition', 'CorruptedTestSet', 'all_conditions', 'measure_robustness']

METRICS = ('R1', 'mAP', 'mINP')
CLEAN = 'clean'

# Condition -> protocol -> metric -> one value per repeat, a fraction; the mean over the protocol's trials.
Figures = dict[str, dict[str, dict[str, list[float]]]]


class Condition(NamedTuple):
    """One modality of the test set under one corruption, or under one drawn for each image."""

    modality: Modality
    corruption: str

    @property
    def name(self) -> str:
        """Such as 'visible/fog'."""
        return f'{self.modality.name.lower()}/{self.corruption}'


def all_conditions(modalities: Sequence[Modality] = tuple(Modality)) -> list[Condition]:
    """Of each modality: the benchmark, which draws a corruption for each image, and then every corruption alone."""
    return [Condition(modality, name) for modality in modalities for name in (ANY, *CORRUPTIONS[modality])]


class CorruptedTestSet:
    """A model's features of its test set, of which those of one modality are computed anew for each corruption.

    Images are corrupted after the loading and resizing steps of the test pipeline, also if these are packed.

    Args:
        model (VIReID): The model.
        cfg (Config): The test images are those of its ``test_dataloader``.
        checkpoint (str): Where the weights come from, for ``clean.info``.

    Attributes:
        clean (FeatureSet): The features of the images as they are.
    """

    def __init__(self, model: VIReID, cfg: Config, checkpoint: str):
        self.model = model
        # processes that live on would keep the corruption that they were started with
        self.loader = Runner.build_dataloader(dict(cfg.test_dataloader, persistent_workers=False))
        self.clean: FeatureSet = extract_feature_set(model, cfg, checkpoint, self.loader)
        self.steps = self.loader.dataset.pipeline.transforms
        read = takewhile(lambda step: isinstance(step, (LoadReIDImage, LoadPackedImage, LanczosResize)), self.steps)
        self.place = len(list(read))

    def corrupted(self, condition: Condition, seed: int, severity: int | None = None) -> FeatureSet:
        """The features under a condition; see :class:`haresreid.datasets.Corrupt` for ``seed`` and ``severity``."""
        rows = np.flatnonzero(self.clean.modalities == condition.modality)
        self.steps.insert(self.place, Corrupt(*condition, severity, seed))
        try:
            loader = DataLoader(
                Subset(self.loader.dataset, rows.tolist()),
                self.loader.batch_size,
                num_workers=self.loader.num_workers,
                collate_fn=self.loader.collate_fn,
            )
            found, _ = predict(self.model, loader, condition.name)
        finally:
            self.steps.pop(self.place)
        features = self.clean.features.copy()
        features[rows] = found.numpy()
        labels = (self.clean.pids, self.clean.camids, self.clean.modalities, self.clean.img_paths)
        return FeatureSet(features, *labels, self.clean.info, self.clean.queries)


def measure_robustness(
    test_set: CorruptedTestSet,
    protocols: Sequence[CrossModalProtocol],
    conditions: Sequence[Condition],
    repeats: int,
    severity: int | None = None,
    report: Callable[[str, Mapping], None] = lambda name, figures: None,
) -> Figures:
    """Evaluate the clean test set, and each condition with the seeds 0, 1, ...

    Args:
        test_set (CorruptedTestSet): The images and the model.
        protocols (Sequence[CrossModalProtocol]): The protocols.
        conditions (Sequence[Condition]): The conditions.
        repeats (int): How often each is drawn.
        severity (int, optional): 1 to 5. Defaults to None, which draws one for each image.
        report (Callable): Gets a condition's name and its figures as soon as they are known.
    """

    def scored(feature_sets: Sequence[FeatureSet]) -> dict[str, dict[str, list[float]]]:
        results = [[evaluate(features, protocol) for features in feature_sets] for protocol in protocols]
        return {
            protocol.name: {metric: [result.mean(metric) for result in row] for metric in METRICS}
            for protocol, row in zip(protocols, results)
        }

    figures = {CLEAN: scored([test_set.clean])}
    report(CLEAN, figures[CLEAN])
    for condition in conditions:
        drawn = [test_set.corrupted(condition, seed, severity) for seed in range(repeats)]
        figures[condition.name] = scored(drawn)
        report(condition.name, figures[condition.name])
    return figures
