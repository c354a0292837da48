"""Pairs of images, counted by similarity and by the people that they show."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from haresreid.structures import Modality
from haresreid.structures.calibration import MODALITY_PAIRS

from ..feature_set import FeatureSet
from ..functional import query_blocks

__all__ = ['BINS', 'PairCounts', 'count_pairs', 'split_people']

# Of the cosine similarity, from -1 to 1; the counts replace up to 10^8 similarities.
BINS = 4000


@dataclass(frozen=True)
class PairCounts:
    """How many pairs of images have which similarity, in bins of 0.0005.

    Attributes:
        same (sparse.csr_array): (J, BINS) pairs that show one person, by the person.
        different (sparse.csr_array): (J * J, BINS) pairs that show persons i and j, in the row i * J + j.
    """

    same: sparse.csr_array
    different: sparse.csr_array

    @property
    def similarities(self) -> np.ndarray:
        """(BINS,) middles of the bins."""
        return (np.arange(BINS) + 0.5) * (2 / BINS) - 1

    @property
    def num_people(self) -> int:
        """J."""
        return self.same.shape[0]

    def counts(self, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of one person and of two by similarity: (BINS,) each.

        Args:
            weights (np.ndarray, optional): (J,) how often each person counts. Defaults to None: once.
        """
        weights = np.ones(self.num_people) if weights is None else weights
        return weights @ self.same, np.outer(weights, weights).ravel() @ self.different


def count_pairs(images: FeatureSet) -> dict[str, PairCounts]:
    """Compare all images of different cameras or modalities.

    Images that one camera took one after another are alike in more than the person, so a pair of one camera is left
    out, as in the field's protocols. Cameras of two modalities are two cameras, even of one number.

    Args:
        images (FeatureSet): L2-normalised features.

    Returns:
        dict[str, PairCounts]: By the names in ``MODALITY_PAIRS``, only pairs of modalities with images of one person
        and of two.
    """
    _, people = np.unique(images.pids, return_inverse=True)
    rows = [np.flatnonzero(images.modalities == modality) for modality in Modality]
    counted = {
        MODALITY_PAIRS[first + second]: _count(images, people, rows[first], rows[second])
        for first, second in ((0, 0), (0, 1), (1, 1))
    }
    return {name: pairs for name, pairs in counted.items() if pairs.same.sum() and pairs.different.sum()}


def _count(images: FeatureSet, people: np.ndarray, first: np.ndarray, second: np.ndarray) -> PairCounts:
    number = int(people.max()) + 1
    within = first is second
    same = sparse.csr_array((number, BINS))
    different = sparse.csr_array((number**2, BINS))
    for block in query_blocks(len(first), len(second)):
        query, gallery = first[block, None], second[None]
        kept = (images.camids[query] != images.camids[gallery]) & (query < gallery) if within else np.True_
        kept = np.broadcast_to(kept, (len(query), len(second)))
        cosines = (images.features[first[block]] @ images.features[second].T)[kept]
        bins = np.clip((cosines + 1) * (BINS / 2), 0, BINS - 1).astype(np.int64)
        one, other = (np.broadcast_to(people[index], kept.shape)[kept] for index in (query, gallery))
        alike = one == other
        same += _histogram(one[alike], bins[alike], same.shape)
        pair = np.minimum(one, other) * number + np.maximum(one, other)
        different += _histogram(pair[~alike], bins[~alike], different.shape)
    return PairCounts(same, different)


def _histogram(rows: np.ndarray, bins: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, bins)), shape=shape)


def split_people(images: FeatureSet, seed: int = 0) -> tuple[FeatureSet, FeatureSet]:
    """The images of one half of the people, and those of the other.

    Args:
        images (FeatureSet): Of four people at least.
        seed (int): Of the draw. Defaults to 0.

    Raises:
        ValueError: If there are fewer people.
    """
    people = np.unique(images.pids)
    if len(people) < 4:
        raise ValueError(f'{len(people)} people cannot be split into two groups of two people or more.')
    half = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
    first = np.isin(images.pids, half)
    return images[first], images[~first]
