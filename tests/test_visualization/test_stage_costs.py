from pathlib import Path

import pytest

from haresreid.config.config import load_config
from haresreid.costs.model_cost import build_on_meta
from haresreid.costs.stage_costs import stage_costs
from haresreid.visualization import draw_stage_costs

ROOT = Path(__file__).parents[2]


def test_bars_and_titles_say_what_the_stages_cost(tmp_path):
    costs = stage_costs(build_on_meta(load_config(str(ROOT / 'configs/haresformer_sysu.py'))), (288, 144))
    figure = draw_stage_costs(costs, tmp_path / 'cost')
    assert (tmp_path / 'cost.png').exists() and (tmp_path / 'cost.svg').exists()
    macs, params = figure.axes
    assert macs.get_title() == "25.00 by the paper's rule, 4.05 beyond it"
    assert params.get_title() == "113.75 by the paper's rule, 10.18 beyond it"
    tops = [sum(cost.macs for cost in stage.values()) / 1e9 for stage in costs.values()]
    assert [float(text.get_text()) for text in macs.texts] == pytest.approx(tops, abs=0.005)
    heights = [sum(bar.get_height() for bar in bars) for bars in zip(*macs.containers)]
    assert heights == pytest.approx(tops)
