from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation.at_chance import at_chance_warning


def row(rank1, mean_ap, queries=370):
    return SimpleNamespace(mean={'R1': rank1, 'mAP': mean_ap}.__getitem__, num_valid=np.array([queries] * 10))


@pytest.mark.parametrize(
    'rank1, mean_ap, warned',
    [
        (0.011, 0.036, True),  # a collapsed model on SYSU-MM01, as users report it
        (0.068, 0.069, False),  # HOG on SynVI
        (0.011, 0.120, False),
    ],
)
def test_only_a_result_near_chance_in_both_figures_is_warned_of(rank1, mean_ap, warned):
    results = {
        'sysu/all': dict(ours=row(rank1, mean_ap), chance=row(0.0104, 0.0301)),
        'sysu/indoor': dict(ours=row(0.9, 0.9), chance=row(0.014, 0.066)),
    }
    warning = at_chance_warning(results)
    assert bool(warning) == warned
    if warned:
        assert 'sysu/all (Rank-1 1.1, by chance 1.0)' in warning and 'indoor' not in warning
        assert 'collapsed' in warning and 'checkpoint' in warning


def test_no_chance_row_no_warning():
    assert at_chance_warning({'sysu/all': dict(ours=row(0, 0))}) is None


@pytest.mark.parametrize(
    'chance, queries',
    [
        (0.0104, 99),  # as many queries as may miss by luck
        (0.125, 400),  # eight people: a guess is right one time in eight
    ],
)
def test_a_handful_of_test_images_tells_nothing(chance, queries):
    results = {'sysu/all': dict(ours=row(chance, 0.03, queries), chance=row(chance, 0.03, queries))}
    assert at_chance_warning(results) is None
