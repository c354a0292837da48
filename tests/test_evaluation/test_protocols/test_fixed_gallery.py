import numpy as np
import pytest

from haresreid.evaluation import (
    METRIC_NAMES,
    PROTOCOL_NAMES,
    FeatureSet,
    FixedGallery,
    evaluate,
    evaluate_references,
    protocol_by_name,
)
from haresreid.evaluation.functional import l2_normalize


@pytest.fixture(scope='module')
def feature_set():
    rng = np.random.default_rng(0)
    pids, camids, _ = (part.ravel() for part in np.meshgrid(range(25), range(1, 7), range(3), indexing='ij'))
    features = l2_normalize(rng.standard_normal((25, 8))[pids] + 2 * rng.standard_normal((len(pids), 8)))
    paths = [f'{index:04d}.jpg' for index in range(len(pids))]
    queries = np.isin(camids, (3, 4))  # as BUPTCampus lists them
    return FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths, queries=queries)


@pytest.mark.parametrize('name', [name for name in PROTOCOL_NAMES if not name.endswith('-official')])
def test_a_drawn_gallery_given_back_is_that_trial(feature_set, name):
    protocol = protocol_by_name(name)
    trial = protocol.trials[-1]
    given = FixedGallery(protocol, *protocol.draw(feature_set, trial))
    ours, theirs = evaluate(feature_set, protocol), evaluate(feature_set, given)
    assert theirs.name == f'{name} (given gallery)' and theirs.trials == (0,)
    for metric in METRIC_NAMES:
        assert theirs.figures[metric][0] == ours.figures[metric][-1]
    assert theirs.num_valid[0] == ours.num_valid[-1] and theirs.num_gallery[0] == ours.num_gallery[-1]


def test_the_order_of_the_fixed_gallery_breaks_ties(feature_set):
    alike = FeatureSet(np.ones((4, 2)) / 2**0.5, [1, 1, 2, 2], [3, 1, 1, 1], [1, 0, 0, 0], list('abcd'))
    first, last = (
        evaluate(alike, FixedGallery(protocol_by_name('sysu/all'), np.array([0]), np.array(gallery)))
        for gallery in ([1, 2, 3], [2, 3, 1])
    )
    assert (first.figures['mAP'], last.figures['mAP']) == (1, pytest.approx(1 / 3))


def test_chance_is_drawn_on_the_fixed_gallery(feature_set):
    protocol = protocol_by_name('regdb/i2v')
    query, gallery = protocol.draw(feature_set, 0)
    (chance,) = evaluate_references(['chance'], feature_set, [FixedGallery(protocol, query, gallery[::6])])['chance']
    assert chance.name == 'regdb/i2v (given gallery)' and chance.num_gallery == len(gallery) / 6
    assert chance.mean('R1') == pytest.approx(1 / 25, abs=0.005)
