import json

import pytest
from PIL import Image

from haresreid.visualization import draw_training_curves


def write(path, records, tail=''):
    path.write_text(''.join(json.dumps(record) + '\n' for record in records) + tail)
    return path


def training(step, loss):
    return dict(lr=0.1, loss=loss, loss_id=loss / 2, acc_id=0.5, data_time=0.1, epoch=1, iter=step, step=step)


def validation(epoch, rank1):
    return {'sysu/all/R1': rank1, 'sysu/all/R5': 9.0, 'sysu/all/mAP': rank1 + 1, 'time': 1, 'step': epoch}


def curves(figure):
    """Panel title -> curve name -> (steps, values) of the panels to be seen."""
    return {
        axes.get_title(): {line.get_label(): tuple(map(list, line.get_data())) for line in axes.lines}
        for axes in figure.axes
        if axes.get_visible()
    }


def test_panels(tmp_path):
    scalars = write(tmp_path / 'scalars.json', [training(10, 4.0), training(20, 2.0), validation(1, 7.0)])
    figure = draw_training_curves(scalars, tmp_path / 'curves.png')
    assert Image.open(tmp_path / 'curves.png').size[0] > 1000
    assert curves(figure) == {
        'training loss': {'loss': ([10, 20], [4.0, 2.0]), 'loss_id': ([10, 20], [2.0, 1.0])},
        'training accuracy': {'acc_id': ([10, 20], [0.5, 0.5])},
        'validation (%)': {'sysu/all/R1': ([1], [7.0]), 'sysu/all/mAP': ([1], [8.0])},
    }
    assert all(axes.get_legend() is not None for axes in figure.axes)
    assert all(tick.is_integer() for tick in figure.axes[2].get_xticks())  # of one epoch, too


def test_resumed_run_joins_up(tmp_path):
    killed = write(tmp_path / 'a.json', [training(10, 4.0), training(20, 3.0), training(30, 9.0)], tail='{"loss": 1.')
    resumed = write(tmp_path / 'b.json', [training(30, 2.0), training(40, 1.0)])
    drawn = curves(draw_training_curves([killed, resumed]))
    assert drawn['training loss']['loss'] == ([10, 20, 30, 40], [4.0, 3.0, 2.0, 1.0])
    assert 'validation (%)' not in drawn


def test_several_runs_stand_in_one_panel_for_each_quantity(tmp_path):
    one = [
        write(tmp_path / 'a.json', [training(10, 4.0), validation(1, 7.0)]),
        write(tmp_path / 'b.json', [training(20, 3.0), validation(2, 8.0)]),
    ]
    other = [write(tmp_path / 'c.json', [training(10, 5.0)])]
    figure = draw_training_curves({'one': one, 'other': other})
    assert curves(figure) == {
        'training loss': {'one': ([10, 20], [4.0, 3.0]), 'other': ([10], [5.0])},
        'training accuracy': {'one': ([10, 20], [0.5, 0.5]), 'other': ([10], [0.5])},
        'sysu/all/R1 (%)': {'one': ([1, 2], [7.0, 8.0])},
        'sysu/all/mAP (%)': {'one': ([1, 2], [8.0, 9.0])},
    }
    assert [text.get_text() for text in figure.legends[0].texts] == ['one', 'other']
    assert len(figure.axes) == 6  # of which two are hidden


def test_nothing_logged(tmp_path):
    with pytest.raises(ValueError, match='No training loss in'):
        draw_training_curves(write(tmp_path / 'scalars.json', []))
