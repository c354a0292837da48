from itertools import pairwise

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from haresreid.evaluation import FeatureSet, protocol_by_name
from haresreid.evaluation.calibration import fit_calibration, measure_calibration
from haresreid.evaluation.functional import l2_normalize
from haresreid.visualization.calibration import draw_calibration


def people(seed):
    rng = np.random.default_rng(seed)
    pids, camids = (part.ravel() for part in np.meshgrid(range(24), range(1, 7), indexing='ij'))
    features = l2_normalize(rng.standard_normal((24, 8))[pids] + 0.5 * rng.standard_normal((len(pids), 8)))
    infrared = np.isin(camids, (3, 6)).astype(int)
    return FeatureSet(features, pids, camids, infrared, [f'{row}.png' for row in range(len(pids))])


def test_tick_labels_stand_apart(tmp_path):
    calibration = fit_calibration(people(0), 'logistic', resamples=1)
    figures = measure_calibration(calibration, people(1), protocol_by_name('sysu/all'))
    figure = draw_calibration(figures, tmp_path / 'calibration.png')
    assert (tmp_path / 'calibration.png').exists()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes[:3]:
        boxes = [label.get_window_extent(canvas.get_renderer()) for label in axes.get_xticklabels()]
        assert all(left.x1 + 4 < right.x0 for left, right in pairwise(boxes))
