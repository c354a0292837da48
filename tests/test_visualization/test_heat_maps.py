import numpy as np

from haresreid.visualization import draw_heat_maps


def test_a_map_for_each_panel_with_its_numbers(tmp_path):
    values = np.array([[1.0, -20.4, 0.0], [3.6, 12.0, 7.0]])
    figure = draw_heat_maps(dict(first=values, second=2 * values), ['a', 'b'], ['x', 'y', 'z'], tmp_path / 'map')
    assert (tmp_path / 'map.png').exists() and (tmp_path / 'map.svg').exists()
    one, two = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ['first', 'second']
    assert [text.get_text() for text in one.texts] == ['1', '-20', '0', '4', '12', '7']
    assert [text.get_text() for text in one.get_yticklabels()] == ['a', 'b']
    assert [text.get_text() for text in two.get_xticklabels()] == ['x', 'y', 'z']
    assert [text.get_text() for text in one.get_xticklabels()] == ['', '', '']
    image = one.images[0]
    assert image.get_clim() == (-20.4, 20.4)  # 0 is white
