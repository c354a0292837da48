import numpy as np
import pytest

from haresreid.visualization import LambdaPoint, draw_lambda_curves, read_lambda_points

TABLE = """protocol,source,lambda_3,R1,mAP
sysu/all,ours,0.5,60,50
sysu/all,ours,0.25,55,47
sysu/all,ours,0.5,63,51
sysu/all,paper,0.5,65.92,60.37
sysu/indoor,ours,0.5,70,72
regdb/v2i,ours,0.5,90,80
"""


@pytest.fixture
def table(tmp_path):
    (tmp_path / 'table.csv').write_text(TABLE)
    return tmp_path / 'table.csv'


def test_lines_go_through_the_mean_of_seeds(table, tmp_path):
    figure = draw_lambda_curves(read_lambda_points(table), tmp_path / 'fig6')
    assert (tmp_path / 'fig6.png').exists() and (tmp_path / 'fig6.svg').exists()
    assert [axes.get_title() for axes in figure.axes] == ['sysu/all', 'sysu/indoor', 'regdb/v2i', '']
    assert [axes.get_visible() for axes in figure.axes] == [True, True, True, False]
    ours_r1, ours_map, paper_r1, paper_map = figure.axes[0].containers
    np.testing.assert_allclose(ours_r1[0].get_xydata(), [(0.25, 55), (0.5, 61.5)])
    np.testing.assert_allclose(ours_map[0].get_xydata(), [(0.25, 47), (0.5, 50.5)])
    np.testing.assert_allclose(paper_r1[0].get_xydata(), [(0.5, 65.92)])
    np.testing.assert_allclose(paper_map[0].get_xydata(), [(0.5, 60.37)])
    bar = ours_r1[2][0].get_segments()[1]  # from the lowest to the highest seed
    np.testing.assert_allclose(bar, [(0.5, 60), (0.5, 63)])
    assert ours_r1[0].get_linestyle() != paper_r1[0].get_linestyle()
    assert ours_r1[0].get_color() != ours_map[0].get_color()
    assert [text.get_text() for text in figure.legends[0].texts] == [
        'Rank-1, ours',
        'mAP, ours',
        'Rank-1, paper',
        'mAP, paper',
    ]


def test_one_protocol():
    figure = draw_lambda_curves([LambdaPoint('own/v2i', 'ours', 0.5, 10.0, 5.0)])
    assert [axes.get_title() for axes in figure.axes] == ['own/v2i']


def test_refusals(table, tmp_path):
    with pytest.raises(FileNotFoundError, match='no table at .*: give a CSV file with the columns protocol,source,'):
        read_lambda_points(tmp_path / 'nowhere.csv')
    table.write_text(TABLE.replace('lambda_3', 'lambda'))
    with pytest.raises(ValueError, match="unknown column 'lambda': did you mean 'lambda_3'"):
        read_lambda_points(table)
    for line, message in (
        ('sysu/all,ours,0.5,sixty,50', "line 8: R1 'sixty' is no number"),
        ('sysu/all,ours,0.5,60,nan', "line 8: mAP 'nan' is no number"),
        ('sysu/all,ours,0.5,60', 'line 8: it has 4 cells for the 5 columns'),
    ):
        table.write_text(f'{TABLE}{line}\n')
        with pytest.raises(ValueError, match=message):
            read_lambda_points(table)
    with pytest.raises(ValueError, match='no point to draw'):
        draw_lambda_curves([])
