import numpy as np
import pytest

from haresreid.evaluation import (
    SYSUProtocol,
    by_protocol,
    evaluate_references,
    evaluate_rows,
    protocol_by_name,
    results_to_dict,
)
from haresreid.evaluation.functional import l2_normalize
from haresreid.visualization import draw_cmc_curves


@pytest.fixture
def results(clusters):
    rng = np.random.default_rng(0)
    clusters.features = l2_normalize(clusters.features + rng.standard_normal(clusters.features.shape))
    protocols = [SYSUProtocol('all'), protocol_by_name('own/i2v')]
    rows = {**evaluate_rows(clusters, protocols, ['aqe']), **evaluate_references(['chance'], clusters, protocols)}
    return by_protocol(rows), results_to_dict(by_protocol(rows), clusters)


def test_curves_are_those_of_the_results(results, tmp_path):
    computed, content = results
    figure = draw_cmc_curves({'a': content, 'b': content}, 'sysu/all', tmp_path / 'cmc')
    assert (tmp_path / 'cmc.png').exists() and (tmp_path / 'cmc.svg').exists()
    (axes,) = figure.axes
    rows = computed['sysu/all']
    expected = {
        f'{name}{row.removeprefix("ours")}: {100 * rows[row].mean("R1"):.2f}': 100 * rows[row].cmc.mean(axis=0)
        for name in 'ab'
        for row in ('ours', 'ours + aqe')
    }
    expected[f'chance: {100 * rows["chance"].mean("R1"):.2f}'] = 100 * rows['chance'].cmc.mean(axis=0)
    assert [line.get_label() for line in axes.lines] == list(expected)
    for line, curve in zip(axes.lines, expected.values()):
        np.testing.assert_array_equal(line.get_xdata(), range(1, 21))
        np.testing.assert_allclose(line.get_ydata(), curve)
    assert axes.get_title() == 'sysu/all, mean over 10 trials'


def test_long_names_stand_below_each_other_and_keep_both_ends(results):
    _, content = results
    name = 'a' * 40 + '/test_' + 'b' * 30
    figure = draw_cmc_curves({name: content, 'short': content}, 'sysu/all')
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels[0].startswith('a' * 25 + '…' + 'b' * 26 + ':') and labels[2].startswith('short:')
    assert figure.legends[0]._ncols == 1 and draw_cmc_curves({'short': content}, 'sysu/all').legends[0]._ncols == 2


def test_refusals(results):
    _, content = results
    with pytest.raises(ValueError, match='a has no figures of llcm/v2i; it has sysu/all, own/i2v'):
        draw_cmc_curves({'a': content}, 'llcm/v2i')
    other = dict(content, data=dict(content['data'], fingerprint='0'))
    with pytest.raises(ValueError, match='a, b are of different test data'):
        draw_cmc_curves({'a': content, 'b': other}, 'sysu/all')
