import json

import pytest
from matplotlib.figure import Figure
from PIL import Image

from haresreid.visualization import draw_training_curves


def write(path, records, tail=''):
    path.write_text(''.join(json.dumps(record) + '\n' for record in records) + tail)
    return path


def training(step, loss):
    return dict(lr=.1, loss=loss, loss_id=loss / 2, acc_id=.5, data_time=.1, epoch=1, iter=step, step=step)


@pytest.fixture
def curves(monkeypatch):
    """Panel title -> curve name -> (steps, values) of the saved figure."""
    drawn, savefig = {}, Figure.savefig

    def spy(self, *args, **kwargs):
        drawn.update({axes.get_title(): {line.get_label(): tuple(map(list, line.get_data())) for line in axes.lines}
                      for axes in self.axes})
        return savefig(self, *args, **kwargs)

    monkeypatch.setattr(Figure, 'savefig', spy)
    return drawn


def test_panels(curves, tmp_path):
    scalars = write(tmp_path / 'scalars.json', [
        training(10, 4.), training(20, 2.), {'sysu/all/R1': 7., 'sysu/all/R5': 9., 'sysu/all/mAP': 8., 'time': 1, 'step': 1}])
    draw_training_curves(scalars, tmp_path / 'curves.png')
    assert Image.open(tmp_path / 'curves.png').size[0] > 1000
    assert curves == {
        'training loss': {'loss': ([10, 20], [4., 2.]), 'loss_id': ([10, 20], [2., 1.])},
        'training accuracy': {'acc_id': ([10, 20], [.5, .5])},
        'validation (%)': {'sysu/all/R1': ([1], [7.]), 'sysu/all/mAP': ([1], [8.])},
    }


def test_resumed_run_joins_up(curves, tmp_path):
    killed = write(tmp_path / 'a.json', [training(10, 4.), training(20, 3.), training(30, 9.)], tail='{"loss": 1.')
    resumed = write(tmp_path / 'b.json', [training(30, 2.), training(40, 1.)])
    draw_training_curves([killed, resumed], tmp_path / 'curves.png')
    assert curves['training loss']['loss'] == ([10, 20, 30, 40], [4., 3., 2., 1.])
    assert 'validation (%)' not in curves


def test_nothing_logged(tmp_path):
    with pytest.raises(ValueError, match='No training loss in'):
        draw_training_curves(write(tmp_path / 'scalars.json', []), tmp_path / 'curves.png')
