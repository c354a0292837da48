import numpy as np
import pytest

from haresreid.files.files import file_hash
from haresreid.search import Hits
from haresreid.search.probability import find_calibration, hit_probabilities
from haresreid.search.text import hits_table
from haresreid.structures import Calibration
from haresreid.structures.calibration import Curve


@pytest.fixture
def calibration():
    """Evidence grows from none at 0 to e^5 at 1."""
    return Calibration({'visible-infrared': Curve([0.0, 1.0], [0.0, 5.0], [0.0, 4.0], [0.0, 6.0])})


@pytest.fixture
def hits():
    """An infrared query; the third hit is of its own modality, the fourth of an unknown one."""
    scores = np.array([[0.9, 0.8, 0.7, 0.6]], dtype=np.float32)
    modalities, unknown = np.array([[0, 0, 1, -1]], dtype=np.int32), np.full((1, 4), -1)
    return Hits(
        scores, np.array([[7, 8, 9, 10]]), unknown, np.full((1, 4), np.nan), modalities, [list('abcd')], unknown
    )


def test_a_hit_has_a_probability_and_its_interval(calibration, hits):
    chances = hit_probabilities(calibration, hits, np.array([1]), 0.1)
    for rank, score in enumerate((0.9, 0.8)):
        odds = np.exp(score * np.array([5, 4, 6])) / 9
        np.testing.assert_allclose(chances[0, rank], odds / (1 + odds), rtol=1e-5)
    assert chances.shape == (1, 4, 3) and np.isnan(chances[0, 2:]).all()


def test_the_table_shows_it_or_answers_nobody(calibration, hits):
    chances = hit_probabilities(calibration, hits, np.array([1]), 0.1)
    lines = hits_table(hits, 0, chances).splitlines()
    assert lines[0].split()[:4] == ['rank', 'score', 'probability', 'id'] and len(lines) == 5
    assert '90.9 % (80.3 to 96.1)' in lines[1] and lines[3].split()[2] == lines[4].split()[2] == 'unknown'
    assert [line.split()[0] for line in hits_table(hits, 0, chances, 0.9).splitlines()] == ['rank', '1']
    assert hits_table(hits, 0, chances, 0.95) == (
        'nobody: the best hit has the probability 90.9 % (80.3 to 96.1), and 0.95 is asked for'
    )
    assert 'probability' not in hits_table(hits, 0)


def test_it_is_found_beside_the_weights(calibration, tmp_path):
    weights, other, file = (tmp_path / name for name in ('a.pth', 'b.pth', 'a.calibration.json'))
    weights.write_text('a')
    other.write_text('b')
    assert find_calibration(None, 'model.py', weights) is None and find_calibration(None) is None
    calibration.info['checkpoint'] = dict(name='a.pth', sha256=file_hash(weights))
    calibration.save(file)
    assert find_calibration(None, 'model.py', weights) == find_calibration(file) == calibration
    with pytest.raises(ValueError, match=r'a.calibration.json was fitted on features of other weights .* than b.pth'):
        find_calibration(file, 'model.py', other)


def test_the_model_that_ships_has_one():
    shipped = find_calibration(None, 'haresformer_synth')
    assert set(shipped.curves) == {'visible-visible', 'visible-infrared', 'infrared-infrared'}
    assert shipped.info['people'] == 400
