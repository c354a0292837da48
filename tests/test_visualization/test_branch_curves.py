import json

import pytest
from PIL import Image

from haresreid.visualization import draw_branch_curves, read_branch_curves


def scalars(path, spreads: dict[int, float]):
    """A log whose outputs of stage s have s times, in the fused map ten times, the spread of stage 1's class token."""
    records = [
        {
            'step': step,
            **{
                f'branches/{name}_{stage}': factor * stage * spread
                for stage in range(1, 5)
                for name, factor in dict(cls_spread=1, patch_spread=2, fused_spread=10, tokens=9).items()
            },
        }
        for step, spread in spreads.items()
    ]
    records += [dict(loss=1.0, step=10), {'sysu/all/R1': 5.0, 'step': 1}]
    path.write_text(''.join(json.dumps(record) + '\n' for record in records) + '{"branches/cls_spr')
    return path


def test_lines_are_the_logged_spreads_and_a_resumed_run_joins_up(tmp_path):
    files = [scalars(tmp_path / 'a.json', {1: 0.01, 200: 0.02, 400: 0.5}), scalars(tmp_path / 'b.json', {400: 0.03})]
    figure = draw_branch_curves(read_branch_curves(files), tmp_path / 'branches.png')
    assert Image.open(tmp_path / 'branches.png').size[0] > 1000
    drawn = {
        axes.get_title(): {line.get_label(): tuple(map(list, line.get_data())) for line in axes.lines[:-1]}
        for axes in figure.axes
    }
    assert list(drawn) == ['class token', 'patch map', 'fused map']
    for title, factor in zip(drawn, (1, 2, 10)):
        for stage in range(1, 5):
            steps, values = drawn[title][f'stage {stage}']
            assert steps == [1, 200, 400] and values == pytest.approx([factor * stage * x for x in (0.01, 0.02, 0.03)])
    assert len(figure.legends[0].get_texts()) == 4


def test_a_model_without_transformers_has_no_curves(tmp_path):
    assert read_branch_curves([scalars(tmp_path / 'a.json', {})]) == {}
