"""What a model is worth on the test sets of other data: a matrix of training sets and test sets."""

import copy
from collections.abc import Mapping
from typing import NamedTuple

from mmengine.config import Config

from haresreid.apis.test_set import extract_feature_set
from haresreid.config.classes import class_of
from haresreid.config.config import image_size
from haresreid.datasets import LanczosResize, LoadReIDImage
from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.models import VIReID
from haresreid.registry import PROTOCOLS

__all__ = ['METRICS', 'TargetSet', 'evaluate_on', 'matrix', 'read_as']

METRICS = ('R1', 'mAP', 'mINP')


class TargetSet(NamedTuple):
    """The test set of a config, and the protocols that the config evaluates it under."""

    cfg: Config

    @property
    def protocols(self) -> list[CrossModalProtocol]:
        """Built anew."""
        return [PROTOCOLS.build(protocol) for protocol in self.cfg.test_evaluator.protocols]


def read_as(cfg: Config, target: TargetSet) -> Config:
    """A model's config with the test images of another one, which the model's own test pipeline reads.

    A pipeline that does not resize, since its own images have the model's size, gets a Lanczos filter after the step
    that loads.

    Args:
        cfg (Config): The model's.
        target (TargetSet): Whose images.
    """
    result = copy.deepcopy(cfg)
    steps = list(cfg.test_dataloader.dataset.pipeline)
    kinds = [class_of(step.type) for step in steps]
    if LanczosResize not in kinds:
        steps.insert(kinds.index(LoadReIDImage) + 1, dict(type=LanczosResize, size=image_size(cfg)))
    result.test_dataloader.dataset = dict(target.cfg.test_dataloader.dataset, pipeline=steps)
    result.test_evaluator = target.cfg.test_evaluator
    return result


def evaluate_on(model: VIReID, cfg: Config, checkpoint: str, target: TargetSet) -> dict[str, dict[str, float]]:
    """Protocol -> metric -> mean over the protocol's trials, a fraction.

    Args:
        model (VIReID): The model.
        cfg (Config): Its config.
        checkpoint (str): Where its weights come from.
        target (TargetSet): The images and the protocols.
    """
    features: FeatureSet = extract_feature_set(model, read_as(cfg, target), checkpoint)
    results = [evaluate(features, protocol) for protocol in target.protocols]
    return {result.name: {metric: result.mean(metric) for metric in METRICS} for result in results}


def matrix(
    found: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]], metric: str
) -> tuple[list[str], list[list[float]]]:
    """The columns, 'TEST: PROTOCOL', and for each model a row of percent.

    Args:
        found (Mapping): Model -> test set -> result of :func:`evaluate_on`.
        metric (str): One of ``METRICS``.
    """
    first = next(iter(found.values()))
    cells = [(test, protocol) for test, protocols in first.items() for protocol in protocols]
    rows = [[100 * tests[test][protocol][metric] for test, protocol in cells] for tests in found.values()]
    return [f'{test}: {protocol}' for test, protocol in cells], rows
