"""HCML: a metric across the modalities that is learned on features (Ye et al., AAAI 2018).

It alternates two steps, as the authors' released script does: an accelerated projected gradient step of MLAPG (Liao and
Li, ICCV 2015) on a metric M, and a gradient step on a projection of each modality.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from haresreid.structures import Modality

from .feature_set import FeatureSet

__all__ = ['LearnedMetric', 'learn_hcml']

WITHIN = 0.2  # weight of the distances within a modality
RATE, DECAY = 0.1, 0.95  # of the steps on the projections


@dataclass(frozen=True)
class LearnedMetric:
    """A Euclidean distance behind a linear map for each modality.

    Attributes:
        mean (np.ndarray): (D,) subtracted from every feature.
        maps (tuple[np.ndarray, np.ndarray]): (D, d) of the visible and of the infrared features.
    """

    mean: np.ndarray
    maps: tuple[np.ndarray, np.ndarray]

    def distances(self, feature_set: FeatureSet) -> Callable:
        """What :func:`evaluate_trials` ranks by: squared distances between queries and gallery.

        Raises:
            ValueError: If the features have another width than those that the metric was learned on.
        """
        width = feature_set.features.shape[1]
        if width != len(self.mean):
            raise ValueError(
                f'The metric was learned on features of width {len(self.mean)}, and these have {width}: learn it on '
                "the training images' features of the same model."
            )

        def projected(indices: np.ndarray) -> np.ndarray:
            rows = np.empty((len(indices), self.maps[0].shape[1]))
            modalities = feature_set.modalities[indices]
            for modality in Modality:
                of_it = modalities == modality
                rows[of_it] = (feature_set.features[indices[of_it]] - self.mean) @ self.maps[modality]
            return rows

        def between(query: np.ndarray, gallery: np.ndarray) -> Callable[[slice], np.ndarray]:
            ours, theirs = projected(query), projected(gallery)  # (Q, d), (G, d)
            return lambda rows: _squared_distances(ours[rows], theirs)

        return between


def learn_hcml(
    train: FeatureSet, components: int = 600, iterations: int = 300, tolerance: float = 1e-6
) -> LearnedMetric:
    """Learn HCML's metric from the features of training images.

    Across the modalities, M compares the identities' centres, ``V a_i`` and ``T b_j``, by ``log(1 + exp(y (D - mu)))``
    with y = 1 for one identity and -1 for two; the pairs of one and those of two identities weigh 1 each together.
    Within a modality, an image is compared with its own centre in the same way. ``mu`` is the mean distance of the
    centres at the beginning.

    Args:
        train (FeatureSet): L2-normalised features of the training images, as many identities in both modalities as
            there are.
        components (int): Width that PCA leaves, at most. Defaults to 600.
        iterations (int): Defaults to 300.
        tolerance (float): The relative change of the objective that ends the learning. Defaults to 1e-6.

    Raises:
        ValueError: If fewer than two identities have images of both modalities.
    """
    shared = np.intersect1d(*(train.pids[train.modalities == modality] for modality in Modality))
    if len(shared) < 2:
        raise ValueError(
            f'HCML learns from identities with images of both modalities, and the training features have {len(shared)} '
            'of these: give the features of all training images.'
        )
    mean, basis = _principal(train.features.astype(np.float64), components)
    features = (train.features - mean) @ basis  # (N, d)
    sides = [_Side.of(features, train, modality, shared) for modality in Modality]
    objective = _Objective(*sides)
    metric = previous = np.eye(basis.shape[1])
    momentum, values = 1.0, [objective.value(metric)]
    for iteration in range(iterations):
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        start = metric + (momentum - 1) / following * (metric - previous)
        momentum, previous, metric = following, metric, objective.metric_step(start)
        objective.projection_step(metric, RATE * DECAY**iteration)
        values.append(objective.value(metric))
        if abs(values[-1] - values[-2]) <= tolerance * abs(values[-2]):
            break
    numbers, vectors = np.linalg.eigh(metric)
    root = vectors * np.sqrt(numbers.clip(min=0))  # (d, d): M is root root'
    visible, infrared = (basis @ side.projection.T @ root for side in sides)
    return LearnedMetric(mean, (visible, infrared))


@dataclass
class _Side:
    """One modality: the centres (K, d) of the identities, its images' offsets (n, d) from them, its projection."""

    centers: np.ndarray
    offsets: np.ndarray
    projection: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray, train: FeatureSet, modality: Modality, shared: np.ndarray) -> '_Side':
        rows = (train.modalities == modality) & np.isin(train.pids, shared)
        _, place = np.unique(train.pids[rows], return_inverse=True)
        centers = np.stack([features[rows][place == number].mean(0) for number in range(len(shared))])
        return cls(centers, features[rows] - centers[place], np.eye(features.shape[1]))


class _Objective:
    """HCML's objective as a function of M, and of the projections V and T, which its sides hold."""

    def __init__(self, visible: _Side, infrared: _Side) -> None:
        self.sides = visible, infrared
        count = len(visible.centers)
        self.signs = 2 * np.eye(count) - 1  # (K, K)
        self.weights = np.where(self.signs > 0, 1 / count, 1 / (count * (count - 1)))
        self.threshold = self._cross_distances(np.eye(visible.centers.shape[1])).mean()
        self.rate = 1.0  # of the steps on M, which only falls

    def cross(self, metric: np.ndarray) -> float:
        """The term across the modalities."""
        return float((self.weights * _softplus(self._margins(metric))).sum())

    def value(self, metric: np.ndarray) -> float:
        """The term across the modalities, and ``WITHIN`` times the one within each."""
        within = (_softplus(self._spread(side, metric) - self.threshold).mean() for side in self.sides)
        return self.cross(metric) + WITHIN * sum(within)

    def metric_gradient(self, metric: np.ndarray) -> np.ndarray:
        """(d, d) gradient of the term across the modalities."""
        ours, theirs = self._projected()
        pulls = self._pulls(metric)
        mixed = ours.T @ pulls @ theirs
        return (ours.T * pulls.sum(1)) @ ours + (theirs.T * pulls.sum(0)) @ theirs - mixed - mixed.T

    def metric_step(self, start: np.ndarray) -> np.ndarray:
        """A step from ``start``, back onto the positive semi-definite matrices; its rate halves until it descends."""
        value, gradient = self.cross(start), self.metric_gradient(start)
        while True:
            numbers, vectors = np.linalg.eigh(start - self.rate * gradient)
            metric = (vectors * numbers.clip(min=0)) @ vectors.T
            change = metric - start
            bound = value + (gradient * change).sum() + (change**2).sum() / (2 * self.rate)
            if self.cross(metric) <= bound + 1e-12 or self.rate < 1e-12:
                return metric
            self.rate /= 2

    def projection_gradients(self, metric: np.ndarray) -> list[np.ndarray]:
        """(d, d) gradients of :meth:`value` with respect to V and T."""
        pulls = self._pulls(metric)
        projected = self._projected()
        gradients = []
        for number, side in enumerate(self.sides):
            own, other = projected[number], projected[1 - number]
            own_pulls = pulls if number == 0 else pulls.T
            across = own * own_pulls.sum(1)[:, None] - own_pulls @ other  # (K, d)
            within = _sigmoid(self._spread(side, metric) - self.threshold) / len(side.offsets)  # (n,)
            moved = side.projection @ (side.offsets.T * within) @ side.offsets
            gradients.append(2 * metric @ (across.T @ side.centers + WITHIN * moved))
        return gradients

    def projection_step(self, metric: np.ndarray, rate: float) -> None:
        """Move V and T against their gradients."""
        for side, gradient in zip(self.sides, self.projection_gradients(metric)):
            side.projection = side.projection - rate * gradient

    def _projected(self) -> list[np.ndarray]:
        return [side.centers @ side.projection.T for side in self.sides]  # (K, d) each

    def _cross_distances(self, metric: np.ndarray) -> np.ndarray:
        """(K, K) ``z' M z`` of the differences z between the centres of both modalities."""
        ours, theirs = self._projected()
        return _own_products(ours, metric)[:, None] + _own_products(theirs, metric) - 2 * ours @ metric @ theirs.T

    def _margins(self, metric: np.ndarray) -> np.ndarray:
        return self.signs * (self._cross_distances(metric) - self.threshold)

    def _pulls(self, metric: np.ndarray) -> np.ndarray:
        """(K, K) derivative of the cross term with respect to each distance."""
        return self.weights * self.signs * _sigmoid(self._margins(metric))

    @staticmethod
    def _spread(side: _Side, metric: np.ndarray) -> np.ndarray:
        """(n,) distances of the images from their centres."""
        return _own_products(side.offsets @ side.projection.T, metric)


def _principal(features: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and principal directions (D, d), at most as many as the centred features span."""
    mean = features.mean(0)
    lengths, directions = np.linalg.eigh((features - mean).T @ (features - mean))
    kept = min(components, int((lengths > 1e-10 * lengths[-1]).sum()))
    return mean, directions[:, ::-1][:, :kept]


def _own_products(rows: np.ndarray, metric: np.ndarray) -> np.ndarray:
    """(N,) ``x' M x`` of each row."""
    return np.einsum('nd,nd->n', rows @ metric, rows)


def _squared_distances(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(R, d), (C, d) -> (R, C)."""
    distances = -2 * rows @ columns.T
    distances += (rows**2).sum(1)[:, None]
    return np.add(distances, (columns**2).sum(1), out=distances)


def _softplus(values: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, values)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))
