import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from haresreid.evaluation.calibration import METHODS, count_pairs, fit_calibration, reliability_of_pairs
from haresreid.files import extras


def cosines(images, one, other):
    """Similarities of all visible-infrared pairs and whether they show one person."""
    rows, columns = np.flatnonzero(images.modalities == one), np.flatnonzero(images.modalities == other)
    same = images.pids[rows][:, None] == images.pids[columns]
    return (images.features[rows] @ images.features[columns].T).ravel(), same.ravel()


def pool_adjacent_violators(values, weights):
    """Isotonic regression by the textbook: merge neighbours that descend."""
    blocks = []
    for value, weight in zip(values, weights):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value, weight, count = blocks.pop()
            below = blocks[-1]
            below[0] = (below[0] * below[1] + value * weight) / (below[1] + weight)
            below[1] += weight
            below[2] += count
    return np.concatenate([[value] * count for value, _, count in blocks])


def test_logistic_is_scikit_learns_on_the_pairs_themselves(draw_people):
    images = draw_people(30, seed=0)
    curve = fit_calibration(images, 'logistic', resamples=1).curves['visible-infrared']
    similarities, same = cosines(images, 0, 1)
    model = LogisticRegression(C=np.inf, class_weight='balanced', tol=1e-8).fit(similarities[:, None], same)
    expected = model.decision_function(np.array(curve.similarities)[:, None])
    np.testing.assert_allclose(curve.log_ratios, expected, atol=0.02)


def test_isotonic_is_the_textbooks_with_one_more_case_of_each(draw_people):
    images = draw_people(30, seed=0)
    curve = fit_calibration(images, 'isotonic', resamples=1).curves['visible-infrared']
    pairs = count_pairs(images)['visible-infrared']
    same, different = (part / part.sum() for part in pairs.counts())
    seen = np.flatnonzero(same + different)
    same, different, at = same[seen], different[seen], pairs.similarities[seen]
    different[-1] += 2 / (30 * 29)
    same[0] += 1 / 30
    share = pool_adjacent_violators(same / (same + different), same + different)
    expected = np.interp(curve.similarities, at, share)
    np.testing.assert_allclose(curve.log_ratios, np.log(expected / (1 - expected)), atol=1e-3)
    assert np.isfinite(curve.log_ratios).all()


@pytest.mark.parametrize('method', METHODS)
def test_probabilities_hold_for_other_people(draw_people, method):
    calibration = fit_calibration(draw_people(80, seed=0), method, resamples=20)
    others = count_pairs(draw_people(80, seed=1))
    for name, pairs in others.items():
        assert reliability_of_pairs(pairs, calibration.curves[name]).error < 0.04


def test_the_interval_holds_the_curve_and_shrinks_with_people(draw_people):
    widths = []
    for people in (15, 60):
        curve = fit_calibration(draw_people(people, seed=2), 'logistic', resamples=30).curves['visible-visible']
        low, middle, high = map(np.array, (curve.low, curve.log_ratios, curve.high))
        assert (low <= middle).all() and (middle <= high).all()
        widths.append((high - low).mean())
    assert 1.3 < widths[0] / widths[1] < 4  # as the root of four


def test_it_records_where_it_comes_from(draw_people):
    info = fit_calibration(draw_people(12, seed=0), resamples=1).info
    assert info == dict(
        method='isotonic',
        level=0.95,
        people=12,
        data='SYSU-MM01',
        checkpoint=dict(name='a.pth', sha256='abc'),
    )


def test_too_little_is_refused(draw_people, monkeypatch):
    images = draw_people(12, seed=0)
    with pytest.raises(ValueError, match='of 9 people: a calibration needs 10'):
        fit_calibration(images[images.pids < 9])
    with pytest.raises(ValueError, match='No two images show one person'):
        fit_calibration(images[images.camids == 1])
    monkeypatch.setattr(extras.importlib.util, 'find_spec', lambda module: None)
    with pytest.raises(ValueError, match=r"needs the package 'sklearn'.*\[statistics\]"):
        fit_calibration(images)
