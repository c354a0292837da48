from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from haresreid.visualization import figure_files, save_figure


def test_files_of_a_name():
    assert figure_files('a/fig7') == [Path('a/fig7.png'), Path('a/fig7.svg')]
    assert figure_files('fig7.pdf') == [Path('fig7.pdf')]
    with pytest.raises(ValueError, match=r"epoch_1\.5 ends in '\.5': a figure is written as \.png, \.svg, \.pdf"):
        figure_files('epoch_1.5')


def test_saving(tmp_path):
    figure = Figure(figsize=(2, 1))
    assert save_figure(figure, None) is figure and not list(tmp_path.iterdir())
    assert save_figure(figure, tmp_path / 'fig') is figure
    assert Image.open(tmp_path / 'fig.png').size == (600, 300)
    assert (tmp_path / 'fig.svg').read_text().startswith('<?xml')
    save_figure(figure, tmp_path / 'photo.png', dpi=100)
    assert Image.open(tmp_path / 'photo.png').size == (200, 100)
    assert len(list(tmp_path.iterdir())) == 3
