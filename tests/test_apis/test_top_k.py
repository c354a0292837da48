import numpy as np
import pytest

from haresreid.apis.top_k import top_k


@pytest.mark.parametrize('k', [1, 3, 7, 9])
def test_equals_a_sorted_list(k):
    """Ties are broken by the row, wherever the candidate stands; at the last place any of the equal ones may stay."""
    rng = np.random.default_rng(k)
    scores = rng.permuted(np.tile(np.arange(7) / 8, (5, 1)), axis=1).astype(np.float32)
    scores[:, 0] = scores[:, 1] = 2  # two of the best are equal
    rows = rng.permuted(np.tile(np.arange(7) * 10, (5, 1)), axis=1)
    found = top_k(scores, rows, max(k, 2))
    for line in range(5):
        expected = sorted(zip(-scores[line], rows[line]))[: max(k, 2)]
        assert [(-score, row) for score, row in zip(found[0][line], found[1][line])] == expected
