"""Where a model fails: its figures by camera pair, and by what is known of the queries' images."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.evaluation.query_scores import ScoredQueries
from haresreid.evaluation.significance.identities import by_identity, identity_error
from haresreid.files.images import read_any_rgb
from haresreid.synvi.facts import image_facts

__all__ = ['CameraPair', 'Group', 'by_camera_pair', 'by_condition', 'query_conditions']

QUARTERS = 4
RESAMPLES = 1999


class Group(NamedTuple):
    """The figures of the queries that share a condition, as fractions.

    Attributes:
        condition (str): Such as 'brightness'.
        value (str): Such as 'below 80'.
        queries (int): How many valid queries there are.
        figures (np.ndarray): (M,) ``SCORED_METRICS``, means over the trials.
        errors (np.ndarray): (M,) their standard errors over people; NaN for a single person.
    """

    condition: str
    value: str
    queries: int
    figures: np.ndarray
    errors: np.ndarray


class CameraPair(CrossModalProtocol):
    """A protocol with the queries of one camera and the gallery of another.

    Args:
        protocol (CrossModalProtocol): Its draws, camera rule and way of counting are kept.
        query (int): The queries' camera.
        gallery (int): The gallery's.
    """

    def __init__(self, protocol: CrossModalProtocol, query: int, gallery: int):
        self.protocol, self.pair = protocol, (query, gallery)
        self.dataset, self.count_identities, self.trials = protocol.dataset, protocol.count_identities, protocol.trials
        self.name = f'{protocol.name}, camera {query} to {gallery}'
        self.description = f'{protocol.description}; of these, queries of camera {query}, gallery of camera {gallery}'

    def draws(self, images, trials=None):
        query, gallery = self.pair
        return [
            (queries[images.camids[queries] == query], drawn[images.camids[drawn] == gallery])
            for queries, drawn in self.protocol.draws(images, trials)
        ]

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return self.protocol.excluded(query_pids, query_camids, gallery_pids, gallery_camids)


def by_camera_pair(images: FeatureSet, protocol: CrossModalProtocol) -> dict[tuple[int, int], np.ndarray | None]:
    """(query camera, gallery camera) -> (M,) figures against that camera's gallery alone.

    None where the camera rule, or who was filmed, leaves no query a correct image.
    """
    queries, gallery = protocol.draws(images)[0]
    pairs = [
        (query, answer) for query in np.unique(images.camids[queries]) for answer in np.unique(images.camids[gallery])
    ]
    return {(int(query), int(answer)): _figures(images, CameraPair(protocol, query, answer)) for query, answer in pairs}


def _figures(images: FeatureSet, protocol: CameraPair) -> np.ndarray | None:
    for query, gallery in protocol.draws(images):
        excluded = protocol.excluded(
            *(labels[rows] for rows in (query, gallery) for labels in (images.pids, images.camids))
        )
        correct = images.pids[query][:, None] == images.pids[gallery]  # (Q, G)
        if not (correct if excluded is None else correct & ~excluded).any():
            return None
    result = evaluate(images, protocol)
    return np.array([result.mean(metric) for metric in ('R1', 'mAP', 'mINP')])


def query_conditions(paths: Sequence[str], pids: np.ndarray) -> dict[str, np.ndarray]:
    """What is known of each query image: numbers, or words.

    Args:
        paths (Sequence[str]): The Q images, on this machine.
        pids (np.ndarray): (Q,) their identities.

    Returns:
        dict[str, np.ndarray]: Condition -> (Q,) values. SynVI's images have more conditions than real ones.
    """
    pixels = [read_any_rgb(path) for path in paths]
    found = {
        'height of the image, pixels': np.array([len(image) for image in pixels]),
        'brightness, 0 to 255': np.array([image.mean() for image in pixels]),
        'contrast, standard deviation': np.array([image.std() for image in pixels]),
    }
    facts = image_facts(paths)
    if facts is None:
        return found
    return {
        **found,
        'height of the person, share of the image': np.array([fact.height for fact in facts]),
        'direction': np.array([fact.direction for fact in facts]),
        'occlusion': np.array(['occluded' if fact.occluded else 'free' for fact in facts]),
        'distance to the most similar clothes': _nearest_clothes(np.array([fact.clothes for fact in facts]), pids),
    }


def _nearest_clothes(clothes: np.ndarray, pids: np.ndarray) -> np.ndarray:
    """(Q,) distance of a person's clothes, in near-infrared, to those of the most similar other person."""
    _, first, back = np.unique(pids, return_index=True, return_inverse=True)
    distances = np.linalg.norm(clothes[first][:, None] - clothes[first], axis=2)  # (J, J)
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)[back]


def by_condition(scored: ScoredQueries, conditions: Mapping[str, np.ndarray]) -> list[Group]:
    """The figures of each group of queries: of each word, or of each quarter of the numbers.

    Args:
        scored (ScoredQueries): All queries.
        conditions (Mapping[str, np.ndarray]): Condition -> (Q,) values. One that is the same everywhere is left out.
    """
    return [
        _group(scored, condition, label, chosen)
        for condition, values in conditions.items()
        if len(np.unique(values)) > 1
        for label, chosen in (_words(values) if values.dtype.kind == 'U' else _quarters(values)).items()
        if scored.valid[:, chosen].any(axis=1).all()
    ]


def _words(values: np.ndarray) -> dict[str, np.ndarray]:
    return {str(word): values == word for word in np.unique(values)}


def _quarters(values: np.ndarray) -> dict[str, np.ndarray]:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, QUARTERS + 1)))  # fewer if values repeat
    number = np.clip(np.searchsorted(edges, values, side='right') - 1, 0, len(edges) - 2)  # (Q,)
    return {f'{low:.3g} to {high:.3g}': number == index for index, (low, high) in enumerate(pairwise(edges))}


def _group(scored: ScoredQueries, condition: str, value: str, chosen: np.ndarray) -> Group:
    part = ScoredQueries(
        scored.protocol,
        scored.trials,
        scored.num_gallery,
        *(getattr(scored, name)[chosen] for name in ('pids', 'camids', 'img_paths')),
        *(getattr(scored, name)[:, chosen] for name in ('hit_rank', 'ap', 'inp', 'valid')),
    )
    sums, counts = by_identity([part])
    errors = [identity_error(share, counts, RESAMPLES, 0) if len(counts) > 1 else np.nan for share in sums]
    return Group(condition, value, int(part.valid[0].sum()), part.figures.mean(axis=1), np.array(errors))
