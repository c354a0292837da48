from itertools import combinations

import numpy as np
import pytest

from haresreid.evaluation.calibration import count_pairs, split_people
from haresreid.evaluation.calibration.pairs import BINS


def slow_pairs(images):
    """Name of the pair of modalities -> (similarity, person, other person) of every pair of two cameras."""
    found = {}
    for one, other in combinations(range(len(images)), 2):
        modalities = sorted((images.modalities[one], images.modalities[other]))
        if modalities[0] == modalities[1] and images.camids[one] == images.camids[other]:
            continue
        name = '-'.join(('visible', 'infrared')[modality] for modality in modalities)
        cosine = float(images.features[one] @ images.features[other])
        found.setdefault(name, []).append((cosine, images.pids[one], images.pids[other]))
    return found


def test_pairs_are_counted_as_a_loop_counts_them(draw_people):
    images = draw_people(5, seed=0, shots=2)
    counted, slow = count_pairs(images), slow_pairs(images)
    assert set(counted) == set(slow) == {'visible-visible', 'visible-infrared', 'infrared-infrared'}
    for name, pairs in slow.items():
        for which, same in enumerate((True, False)):
            expected = sorted(cosine for cosine, one, other in pairs if (one == other) == same)
            counts = counted[name].counts()[which]
            np.testing.assert_allclose(np.repeat(counted[name].similarities, counts.astype(int)), expected, atol=3e-4)


def test_a_person_drawn_twice_counts_twice(draw_people):
    images = draw_people(4, seed=1)
    pairs, weights = count_pairs(images)['visible-infrared'], np.array([2.0, 0.0, 1.0, 1.0])
    same, different = pairs.counts(weights)
    slow = slow_pairs(images)['visible-infrared']
    assert same.sum() == sum(weights[one] for _, one, other in slow if one == other)
    assert different.sum() == sum(weights[one] * weights[other] for _, one, other in slow if one != other)
    assert len(same) == BINS


def test_images_of_one_camera_of_a_modality_are_no_pair(draw_people):
    images = draw_people(4, seed=2, shots=2)
    one_each = images[np.isin(images.camids, (1, 3))]
    assert list(count_pairs(one_each)) == ['visible-infrared']


def test_people_are_split_into_halves(draw_people):
    images = draw_people(9, seed=3)
    first, second = split_people(images)
    assert len(set(first.pids)) == 4 and len(set(second.pids)) == 5 and not set(first.pids) & set(second.pids)
    with pytest.raises(ValueError, match='3 people cannot be split'):
        split_people(images[images.pids < 3])
