import math

import numpy as np

from haresreid.visualization import draw_sweep


def test_bars_of_the_importances_and_the_best_until_then(tmp_path):
    values = [1.0, 3.0, math.nan, 2.0, 4.0]
    figure = draw_sweep({'optim_wrapper.optimizer.lr': 0.75, 'heads': 0.25}, values, 'sysu/all/mAP', tmp_path / 's.png')
    bars, course = figure.axes
    assert (tmp_path / 's.png').exists()
    assert [text.get_text() for text in bars.texts] == ['0.75', '0.25']
    assert [label.get_text() for label in bars.get_yticklabels()] == ['optim_wrapper.optimizer.lr', 'heads']
    trials, best = course.lines
    np.testing.assert_array_equal(trials.get_ydata(), values)
    np.testing.assert_array_equal(best.get_ydata(), [1, 3, 3, 3, 4])
    assert draw_sweep({}, [1.0], 'mAP').axes[1].get_ylabel() == 'mAP (%)'
