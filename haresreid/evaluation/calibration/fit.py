"""The curve from similarity to log-likelihood ratio, with an interval over people."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from haresreid.choices import CALIBRATION_METHODS as METHODS
from haresreid.files.extras import require_extra
from haresreid.structures.calibration import Calibration, Curve

from ..feature_set import FeatureSet
from .pairs import PairCounts, count_pairs

__all__ = ['METHODS', 'fit_calibration']

STEP = 0.02  # of the similarity, between the points of a curve
MIN_PEOPLE = 10
Fit = Callable[[np.ndarray], np.ndarray]  # similarities -> log-likelihood ratios


def fit_calibration(
    images: FeatureSet, method: str = 'isotonic', resamples: int = 200, level: float = 0.95, seed: int = 0
) -> Calibration:
    """Fit a curve for each pair of modalities.

    Pairs of one person and of two have equal weight in total, so that the fitted log odds are the log-likelihood ratio.
    The interval is that of a bootstrap over people, whose pairs are right or wrong together.

    Args:
        images (FeatureSet): L2-normalised features of people on whom the model was not trained.
        method (str): 'isotonic', which only assumes that evidence grows with similarity, or 'logistic', which also
            assumes that it grows linearly. Defaults to 'isotonic'.
        resamples (int): Bootstrap samples. Defaults to 200.
        level (float): Of the interval. Defaults to 0.95.
        seed (int): Of the bootstrap. Defaults to 0.

    Raises:
        ValueError: If scikit-learn is not installed, there are fewer than ten people, or no pair of modalities has
            pairs of one person and of two.
    """
    require_extra('sklearn', 'statistics')
    number = len(np.unique(images.pids))
    if number < MIN_PEOPLE:
        raise ValueError(f'The features are of {number} people: a calibration needs {MIN_PEOPLE} or more.')
    pairs = count_pairs(images)
    if not pairs:
        raise ValueError(
            'No two images show one person in two cameras or modalities, so there is no pair to calibrate on.'
        )
    fit = dict(isotonic=_isotonic, logistic=_logistic)[method]
    rng = np.random.default_rng(seed)
    info = dict(
        method=method,
        level=level,
        people=number,
        data=images.info.get('dataset', {}).get('dataset') or Path(images.info.get('file', '')).name or None,
        checkpoint=images.info.get('checkpoint'),
    )
    return Calibration({name: _curve(counted, fit, resamples, level, rng) for name, counted in pairs.items()}, info)


def _curve(pairs: PairCounts, fit: Fit, resamples: int, level: float, rng: np.random.Generator) -> Curve:
    counts = pairs.counts()
    seen = pairs.similarities[np.flatnonzero(sum(counts))]
    similarities = np.arange(np.floor(seen[0] / STEP), np.ceil(seen[-1] / STEP) + 1) * STEP  # (K,)
    log_ratios = fit(pairs, counts)(similarities)
    shares = np.full(pairs.num_people, 1 / pairs.num_people)
    resampled = []
    for _ in range(resamples):
        drawn = pairs.counts(rng.multinomial(pairs.num_people, shares).astype(float))
        if all(part.any() for part in drawn):  # a person of a few images may be alone in having pairs
            resampled.append(fit(pairs, drawn)(similarities))
    low, high = np.quantile([log_ratios, *resampled], [(1 - level) / 2, (1 + level) / 2], axis=0)
    columns = np.stack([similarities, log_ratios, np.minimum(low, log_ratios), np.maximum(high, log_ratios)])
    return Curve(*columns.round(4).tolist())


def _weighted(pairs: PairCounts, counts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Similarities, whether they are of one person, and weights, (n,) each, without empty bins."""
    similarities = np.tile(pairs.similarities, 2)
    same = np.repeat([1.0, 0.0], len(pairs.similarities))
    weights = np.concatenate([part / part.sum() for part in counts])
    kept = weights > 0
    return similarities[kept], same[kept], weights[kept]


def _logistic(pairs: PairCounts, counts: tuple[np.ndarray, np.ndarray]) -> Fit:
    from sklearn.linear_model import LogisticRegression

    similarities, same, weights = _weighted(pairs, counts)
    model = LogisticRegression(C=np.inf, solver='newton-cholesky').fit(similarities[:, None], same, weights)
    slope = max(0.0, float(model.coef_[0, 0]))
    return lambda values: slope * values + model.intercept_[0]


def _isotonic(pairs: PairCounts, counts: tuple[np.ndarray, np.ndarray]) -> Fit:
    """Isotonic regression, kept from certainty by the rule of succession.

    People are what was sampled, so the one more case is one more pair of people, as similar as any, and one more
    person, as unlike as any.
    """
    from sklearn.isotonic import IsotonicRegression

    similarities, same, weights = _weighted(pairs, counts)
    people = pairs.num_people
    model = IsotonicRegression(out_of_bounds='clip').fit(
        [*similarities, similarities.max(), similarities.min()],
        [*same, 0, 1],
        [*weights, 2 / (people * (people - 1)), 1 / people],
    )

    def log_ratio(values: np.ndarray) -> np.ndarray:
        share = model.predict(values)
        return np.log(share) - np.log1p(-share)

    return log_ratio
