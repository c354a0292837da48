import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, evaluate, evaluate_trials, hcml, learn_hcml, protocol_by_name
from haresreid.evaluation.functional import l2_normalize
from haresreid.structures import Modality


def features_of(pids: range, seed: int, images: int = 4, width: int = 12) -> FeatureSet:
    """Of people whose infrared features are turned, the same way for all."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(np.random.default_rng(99).standard_normal((width, width)))
    people = rng.standard_normal((len(pids), width))
    rows = [(pid, kind) for pid in range(len(pids)) for kind in Modality for _ in range(images)]
    features = np.stack([people[pid] @ (turned if kind else np.eye(width)) for pid, kind in rows])
    features = l2_normalize(features + 0.2 * rng.standard_normal(features.shape))
    numbers = np.array([pids[pid] for pid, _ in rows])
    kinds = np.array([kind for _, kind in rows])
    cameras = np.where(kinds == Modality.INFRARED, 3, 1) + np.tile(np.arange(images) % 2, 2 * len(pids))
    return FeatureSet(features, numbers, cameras, kinds, [f'{row}.png' for row in range(len(rows))])


@pytest.fixture
def objective():
    """In the middle of the learning."""
    train = features_of(range(5), 0, images=3, width=4)
    rng = np.random.default_rng(1)
    sides = [hcml._Side.of(train.features.astype(float), train, kind, np.arange(5)) for kind in Modality]
    found = hcml._Objective(*sides)
    for side in sides:
        side.projection = np.eye(4) + 0.3 * rng.standard_normal((4, 4))
    root = rng.standard_normal((4, 4))
    return found, root @ root.T


def slow_value(sides, metric, threshold):
    """The objective, pair by pair."""
    visible, infrared = sides
    same, other = [], []
    for i, ours in enumerate(visible.centers):
        for j, theirs in enumerate(infrared.centers):
            z = visible.projection @ ours - infrared.projection @ theirs
            margin = z @ metric @ z - threshold
            (same if i == j else other).append(np.log(1 + np.exp(margin if i == j else -margin)))
    total = np.mean(same) + np.mean(other)
    for side in sides:
        moved = [side.projection @ offset for offset in side.offsets]
        total += 0.2 * np.mean([np.log(1 + np.exp(z @ metric @ z - threshold)) for z in moved])
    return total


def test_the_objective_is_the_one_that_is_described(objective):
    found, metric = objective
    assert found.value(metric) == pytest.approx(slow_value(found.sides, metric, found.threshold), rel=1e-12)


def test_the_gradients_are_those_of_the_objective(objective):
    found, metric = objective
    step = 1e-6
    of_metric, of_sides = found.metric_gradient(metric), found.projection_gradients(metric)
    for place in np.ndindex(4, 4):
        nudge = np.zeros((4, 4))
        nudge[place] = step
        both = nudge + nudge.T  # a metric stays symmetric
        slope = (found.cross(metric + both) - found.cross(metric - both)) / (2 * step)
        assert (of_metric * both).sum() / step == pytest.approx(slope, abs=1e-7)
        for side, gradient in zip(found.sides, of_sides):
            original, ends = side.projection, []
            for sign in (1, -1):
                side.projection = original + sign * nudge
                ends.append(found.value(metric))
            side.projection = original
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_steps_descend_and_the_metric_stays_one(objective):
    found, metric = objective
    following = found.metric_step(metric)
    assert found.cross(following) < found.cross(metric)
    assert np.linalg.eigvalsh(following).min() > -1e-12 and np.allclose(following, following.T)
    before = found.value(following)
    found.projection_step(following, 0.01)
    assert found.value(following) < before


def test_a_turned_modality_is_turned_back_for_people_not_seen():
    train, test = features_of(range(60), 0), features_of(range(100, 120), 1)
    protocol = protocol_by_name('own/i2v')
    plain = evaluate(test, protocol)
    learned = evaluate_trials(test, protocol, learn_hcml(train).distances(test))
    assert plain.mean('mAP') < 0.3 < 0.5 < learned.mean('mAP')


def test_the_learned_distance_is_the_metric_behind_both_projections():
    train = features_of(range(6), 0)
    learned = learn_hcml(train, components=5, iterations=3)
    query, gallery = np.flatnonzero(train.modalities), np.flatnonzero(train.modalities == 0)
    found = learned.distances(train)(query, gallery)(slice(1, 3))
    visible, infrared = learned.maps
    assert visible.shape == (12, 5)
    for row, column in np.ndindex(2, 4):
        ours = (train.features[query[1 + row]] - learned.mean) @ infrared
        theirs = (train.features[gallery[column]] - learned.mean) @ visible
        assert found[row, column] == pytest.approx(((ours - theirs) ** 2).sum())


def test_what_cannot_be_learned_or_applied_is_refused():
    train = features_of(range(6), 0)
    with pytest.raises(ValueError, match='both modalities, and the training features have 1 of these'):
        learn_hcml(train[(train.modalities == 0) | (train.pids == 2)])
    with pytest.raises(ValueError, match='of width 12, and these have 4'):
        learn_hcml(train, iterations=1).distances(features_of(range(3), 1, width=4))
