"""Every mark of every figure is drawn whole, also at the edge of its axes."""

import json

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from haresreid.evaluation import SYSUProtocol, by_protocol, evaluate_rows, results_to_dict
from haresreid.visualization import (
    LambdaPoint,
    ScalingPoint,
    draw_cmc_curves,
    draw_lambda_curves,
    draw_scaling,
    draw_training_curves,
    draw_tsne,
)


def training_curves(tmp_path, clusters):
    file = tmp_path / 'scalars.json'
    records = [
        dict(loss=4.0, acc_id=0.0, step=10),
        dict(loss=0.0, acc_id=1.0, step=20),
        {'sysu/all/R1': 0.0, 'step': 1},
        {'sysu/all/R1': 100.0, 'step': 2},
    ]
    file.write_text(''.join(json.dumps(record) + '\n' for record in records))
    return draw_training_curves(file)


def cmc_curves(tmp_path, clusters):
    results = by_protocol(evaluate_rows(clusters, [SYSUProtocol('all')]))  # clusters far apart: all are found at once
    return draw_cmc_curves({'ours': results_to_dict(results, clusters)}, 'sysu/all')


def lambda_curves(tmp_path, clusters):
    return draw_lambda_curves(
        [LambdaPoint('sysu/all', 'ours', weight, 100 * weight, 0.0) for weight in (0.0, 0.5, 1.0)]
    )


def scaling(tmp_path, clusters):
    return draw_scaling([ScalingPoint(1, dtype, 1, 1, 1.0, np.ones(3)) for dtype in ('fp32', 'bf16')])


def tsne(tmp_path, clusters):
    return draw_tsne({'clusters': clusters})


@pytest.mark.parametrize('draw', [training_curves, cmc_curves, lambda_curves, scaling, tsne])
def test_no_mark_is_cut(draw, tmp_path, clusters):
    figure = draw(tmp_path, clusters)
    figure.draw_without_rendering()  # places the axes
    marks = 0
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_marker() not in ('None', '', None, '|', '_'):  # ticks and caps have no extent along the axis
                marks += len(line.get_xdata())
                assert not line.get_clip_on() or inside(axes, line.get_xydata(), line.get_markersize())
        for dots in axes.collections:
            if isinstance(dots, PathCollection):
                marks += len(dots.get_offsets())
                assert inside(axes, np.asarray(dots.get_offsets()), np.sqrt(dots.get_sizes().max()))
    assert marks


def inside(axes, points, size):
    """Whether marks of a diameter in points, at these places, lie within the axes."""
    reach = size / 2 / 72 * axes.figure.dpi
    place, box = axes.transData.transform(points), axes.get_window_extent()
    return (place >= (box.x0 + reach, box.y0 + reach)).all() and (place <= (box.x1 - reach, box.y1 - reach)).all()
