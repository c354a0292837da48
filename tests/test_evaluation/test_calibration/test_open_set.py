import numpy as np
import pytest

from haresreid.evaluation import protocol_by_name
from haresreid.evaluation.calibration import OpenSetHits, open_set_hits
from haresreid.evaluation.calibration.open_set import OtherCameras
from haresreid.structures import Calibration, Modality
from haresreid.structures.calibration import Curve


@pytest.fixture
def hits():
    """Five queries, the fourth and fifth of people whom the gallery lacks; the second finds somebody else."""
    return OpenSetHits(
        np.array([0.9, 0.8, 0.5, 0.6, 0.1]),
        np.array([True, False, True, False, False]),
        np.array([True, True, True, False, False]),
        np.full(5, 10),
        (0, 1),
    )


def test_rates_at_a_threshold(hits):
    alarms, identified = hits.curve()
    np.testing.assert_allclose(alarms, [0, 0, 0.5, 0.5, 1])
    np.testing.assert_allclose(identified, [1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert hits.at(0.5) == pytest.approx(2 / 3) and hits.pair == 'visible-infrared'
    assert np.isnan(hits.at(0.4))  # less than one of two queries


def test_answers(hits):
    """One of ten images is expected: prior 0.1, so evidence of ln 9 makes one half."""
    step = Curve([0.55, 0.56], [0.0, np.log(81)], [-1.0, 1.0], [1.0, 5.0])
    calibration = Calibration({'visible-infrared': step})
    np.testing.assert_allclose(hits.probabilities(calibration)[:, 0], [0.9, 0.9, 0.1, 0.9, 0.1])
    got = hits.answers(calibration, 0.5)
    assert (got.rejected, got.missed, got.nobody_right, got.named_right, got.named) == pytest.approx(
        (1 / 2, 1 / 3, 1 / 2, 1 / 3, 3 / 5)
    )
    assert np.isnan(hits.answers(calibration, 0.95).named_right)


@pytest.mark.parametrize('rule', [protocol_by_name('sysu/all'), OtherCameras(Modality.VISIBLE)])
def test_hits_are_those_of_a_loop(draw_people, rule):
    images = draw_people(8, seed=0)
    expected = []
    for trial, (query, gallery) in enumerate(rule.draws(images)):
        unknown = np.random.default_rng(trial).permutation(8)[:4]
        for row in query:
            seen = [
                each
                for each in gallery
                if images.pids[each] not in unknown and not hidden(rule, images.camids[row], images.camids[each])
            ]
            scores = [images.features[row] @ images.features[each] for each in seen]
            best = seen[int(np.argmax(scores))]
            known = images.pids[row] in images.pids[seen]
            expected.append((max(scores), images.pids[best] == images.pids[row], known, len(seen)))
    found = open_set_hits(images, rule)
    for column, values in zip(zip(*expected), (found.similarities, found.correct, found.known, found.searched)):
        np.testing.assert_allclose(values, column, atol=1e-6)
    assert 0.3 < found.known.mean() < 0.7


def hidden(rule, query, gallery):
    """SYSU-MM01: queries of camera 3 do not see camera 2, which hangs beside it. Within a modality: one's own."""
    return (query, gallery) == (3, 2) if not isinstance(rule, OtherCameras) else query == gallery


def test_a_mixed_gallery_is_refused(draw_people):
    with pytest.raises(ValueError, match='own/v2m mixes modalities'):
        open_set_hits(draw_people(8, seed=0), protocol_by_name('own/v2m'))
