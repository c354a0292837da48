"""What corrupted images cost a model: its metrics on the clean test set and under each corruption."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Dataset

from haresreid.apis.test_set import extract_feature_set, predict
from haresreid.datasets import Corrupt, LanczosResize, LoadReIDImage
from haresreid.datasets.corruptions import ANY, CORRUPTIONS
from haresreid.datasets.packed_images import LoadPackedImage
from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.models import VIReID
from haresreid.structures import Modality

__all__ = ['CLEAN', 'METRICS', 'Condition', 'CorruptedTestSet', 'Subject', 'all_conditions', 'measure_robustness']

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


class _Passed(Dataset):
    """Items behind some steps of a pipeline."""

    def __init__(self, items: Sequence[dict], steps: Sequence[Callable]) -> None:
        self.items, self.steps = items, steps

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        item = dict(self.items[index])
        for step in self.steps:
            item = step(item)
        return item


class CorruptedTestSet:
    """A model's features of its test set, of which those of one modality are computed anew for each corruption.

    Images are corrupted after the loading and resizing steps of the test pipeline, also if these are packed.

    Args:
        model (VIReID): The model.
        cfg (Config): The test images are those of its ``test_dataloader``.
        checkpoint (str): Where the weights come from, for ``clean.info``.

    Attributes:
        clean (FeatureSet): The features of the images as they are.
        reading (str): What decides the images before the model's own steps; test sets with the same share their images.
    """

    def __init__(self, model: VIReID, cfg: Config, checkpoint: str) -> None:
        self.model = model
        # otherwise a process of each model would wait to the end
        self.loader = Runner.build_dataloader(dict(cfg.test_dataloader, persistent_workers=False))
        self.clean: FeatureSet = extract_feature_set(model, cfg, checkpoint, self.loader)
        steps = self.loader.dataset.pipeline.transforms
        read = takewhile(lambda step: isinstance(step, (LoadReIDImage, LoadPackedImage, LanczosResize)), steps)
        place = len(list(read))
        self.before, self.behind = steps[:place], steps[place:]
        dataset = dict(cfg.test_dataloader.dataset)
        self.reading = repr((dataset.pop('pipeline')[:place], dataset))

    def draw(self, condition: Condition, seed: int, severity: int | None = None) -> list[dict]:
        """Corrupted images of the condition's modality; see :class:`haresreid.datasets.Corrupt` for the arguments."""
        rows = np.flatnonzero(self.clean.modalities == condition.modality)
        items = [self.loader.dataset.get_data_info(row) for row in rows.tolist()]
        corrupt = Corrupt(*condition, severity, seed)
        return [item for batch in self._loader(items, [*self.before, corrupt], list) for item in batch]

    def with_images(self, drawn: Sequence[dict], title: str = 'features') -> FeatureSet:
        """The features with some images in the place of the clean ones.

        Args:
            drawn (Sequence[dict]): From :meth:`draw` of a test set with the same ``reading``.
            title (str): Of the progress bar.
        """
        found, _ = predict(self.model, self._loader(drawn, self.behind, self.loader.collate_fn), title)
        features = self.clean.features.copy()
        features[[item['sample_idx'] for item in drawn]] = found.numpy()
        labels = (self.clean.pids, self.clean.camids, self.clean.modalities, self.clean.img_paths)
        return FeatureSet(features, *labels, self.clean.info, self.clean.queries)

    def _loader(self, items: Sequence[dict], steps: Sequence[Callable], collate_fn: Callable) -> DataLoader:
        workers = self.loader.num_workers
        return DataLoader(_Passed(items, steps), self.loader.batch_size, num_workers=workers, collate_fn=collate_fn)


class Subject(NamedTuple):
    """A model that is measured.

    Attributes:
        test_set (CorruptedTestSet): The model and its images.
        protocols (Sequence[CrossModalProtocol]): What is evaluated.
        figures (Figures): What has been measured, which grows.
    """

    test_set: CorruptedTestSet
    protocols: Sequence[CrossModalProtocol]
    figures: Figures

    def enter(self, condition: str, features: FeatureSet) -> None:
        """Evaluate one more repeat of a condition."""
        found = self.figures.setdefault(condition, {})
        for protocol in self.protocols:
            result = evaluate(features, protocol)
            values = found.setdefault(protocol.name, {metric: [] for metric in METRICS})
            for metric in METRICS:
                values[metric].append(result.mean(metric))


def measure_robustness(
    subjects: Mapping[str, Subject],
    conditions: Sequence[Condition],
    repeats: int,
    severity: int | None = None,
    report: Callable[[str, str], None] = lambda name, condition: None,
) -> None:
    """Evaluate the clean test sets, and each condition with the seeds 0, 1, ..., where that has not been done.

    Models that read the same images share the corrupted ones, which often take longer than the features.

    Args:
        subjects (Mapping[str, Subject]): The models by name.
        conditions (Sequence[Condition]): The conditions.
        repeats (int): How often each is drawn.
        severity (int, optional): 1 to 5. Defaults to None, which draws one for each image.
        report (Callable): Gets a model's name and a condition's as soon as its figures are known.
    """
    for name, subject in subjects.items():
        if CLEAN not in subject.figures:
            subject.enter(CLEAN, subject.test_set.clean)
            report(name, CLEAN)
    for condition in conditions:
        left = {name: subject for name, subject in subjects.items() if condition.name not in subject.figures}
        for seed in range(repeats):
            drawn: dict[str, list[dict]] = {}
            for name, subject in left.items():
                reading = subject.test_set.reading
                if reading not in drawn:
                    drawn[reading] = subject.test_set.draw(condition, seed, severity)
                subject.enter(condition.name, subject.test_set.with_images(drawn[reading], f'{condition.name}, {name}'))
                if seed == repeats - 1:
                    report(name, condition.name)
