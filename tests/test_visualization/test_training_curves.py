import json

import pytest
from PIL import Image

from haresreid.visualization import draw_training_curves


def write(path, records, tail=''):
    path.write_text(''.join(json.dumps(record) + '\n' for record in records) + tail)
    return path


def training(step, loss):
    return dict(lr=.1, loss=loss, loss_id=loss / 2, acc_id=.5, data_time=.1, epoch=1, iter=step, step=step)


def validation(epoch, rank1):
    return {'sysu/all/R1': rank1, 'sysu/all/R5': 9., 'sysu/all/mAP': rank1 + 1, 'time': 1, 'step': epoch}


def curves(figure):
    """Panel title -> curve name -> (steps, values) of the panels to be seen."""
    return {axes.get_title(): {line.get_label(): tuple(map(list, line.get_data())) for line in axes.lines}
            for axes in figure.axes if axes.get_visible()}  # yapf: disable


def test_panels(tmp_path):
    scalars = write(tmp_path / 'scalars.json', [training(10, 4.), training(20, 2.), validation(1, 7.)])
    figure = draw_training_curves(scalars, tmp_path / 'curves.png')
    assert Image.open(tmp_path / 'curves.png').size[0] > 1000
    assert curves(figure) == {
        'training loss': {'loss': ([10, 20], [4., 2.]), 'loss_id': ([10, 20], [2., 1.])},
        'training accuracy': {'acc_id': ([10, 20], [.5, .5])},
        'validation (%)': {'sysu/all/R1': ([1], [7.]), 'sysu/all/mAP': ([1], [8.])},
    }
    assert all(axes.get_legend() is not None for axes in figure.axes)


def test_resumed_run_joins_up(tmp_path):
    killed = write(tmp_path / 'a.json', [training(10, 4.), training(20, 3.), training(30, 9.)], tail='{"loss": 1.')
    resumed = write(tmp_path / 'b.json', [training(30, 2.), training(40, 1.)])
    drawn = curves(draw_training_curves([killed, resumed]))
    assert drawn['training loss']['loss'] == ([10, 20, 30, 40], [4., 3., 2., 1.])
    assert 'validation (%)' not in drawn


def test_several_runs_stand_in_one_panel_for_each_quantity(tmp_path):
    one = [write(tmp_path / 'a.json', [training(10, 4.), validation(1, 7.)]),
           write(tmp_path / 'b.json', [training(20, 3.), validation(2, 8.)])]
    other = [write(tmp_path / 'c.json', [training(10, 5.)])]
    figure = draw_training_curves({'one': one, 'other': other})
    assert curves(figure) == {
        'training loss': {'one': ([10, 20], [4., 3.]), 'other': ([10], [5.])},
        'training accuracy': {'one': ([10, 20], [.5, .5]), 'other': ([10], [.5])},
        'sysu/all/R1 (%)': {'one': ([1, 2], [7., 8.])},
        'sysu/all/mAP (%)': {'one': ([1, 2], [8., 9.])},
    }
    assert [text.get_text() for text in figure.legends[0].texts] == ['one', 'other']
    assert len(figure.axes) == 6  # of which two are hidden


def test_nothing_logged(tmp_path):
    with pytest.raises(ValueError, match='No training loss in'):
        draw_training_curves(write(tmp_path / 'scalars.json', []))
