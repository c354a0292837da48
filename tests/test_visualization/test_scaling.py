import numpy as np
import pytest

from haresreid.visualization import ScalingPoint, draw_scaling


def test_dots_at_the_medians_beside_the_arithmetic(tmp_path):
    figure = draw_scaling(
        [
            ScalingPoint(1, 'fp32', 1, 1, 1.0, np.ones(5)),
            ScalingPoint(1, 'fp32', 1, 2, 1.6, np.array([1.2, 1.4, 1.5, 1.9, 4.0])),
            ScalingPoint(32, 'fp32', 1, 1, 1.0, np.ones(3)),
            ScalingPoint(32, 'bf16', 1, 2, 1.6, np.array([8.0, 9.0, 8.0])),
        ],
        tmp_path / 'scaling',
    )
    assert (tmp_path / 'scaling.png').exists() and (tmp_path / 'scaling.svg').exists()
    one, many = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ['1 image at a time', '32 images at a time']
    assert one.get_xlabel() == 'time, relative to H=1, L=1, fp32'
    assert [text.get_text() for text in one.get_yticklabels()] == ['H=1, L=1', 'H=1, L=2']
    np.testing.assert_allclose(one.lines[0].get_xydata(), [(1, 0), (1.6, 1)])  # multiply-accumulates
    np.testing.assert_allclose(one.containers[0][0].get_xydata(), [(1, 0), (1.5, 1)])  # fp32, medians
    np.testing.assert_allclose(one.containers[0][2][0].get_segments()[1], [(1.4, 1), (1.9, 1)])  # quartiles
    np.testing.assert_allclose(many.containers[1][0].get_xydata(), [(8, 1)])
    assert many.containers[1][0].get_color() != one.containers[0][0].get_color()
    assert [text.get_text() for text in figure.legends[0].texts] == ['multiply-accumulates', 'fp32', 'bf16']


def test_nothing_to_draw():
    with pytest.raises(ValueError, match='no point to draw'):
        draw_scaling([])
