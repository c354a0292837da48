import copy
import re
from dataclasses import replace

import pytest

from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.zoo import cost_table, render_page

PAGE = ROOT / 'docs/en/model_zoo.md'


def without_line_counts(page):
    # every edit of a method's module changes them: the page is brought up to date with the next metafile
    return re.sub(r'^## Lines of code$.*?(?=^## )', '', page, flags=re.DOTALL | re.MULTILINE)


def test_the_page_is_the_one_that_the_metafiles_make(metafiles):
    page, made = PAGE.read_text(encoding='utf-8'), render_page(metafiles, ROOT)
    assert without_line_counts(page) == without_line_counts(made), 'run tools/model_zoo.py and commit what it wrote'


def test_a_figure_from_memory_is_marked_in_its_cell(metafiles):
    rows = render_page(metafiles, ROOT).splitlines()
    for start in (
        '| CAJ | 69.88 / 66.89 / 53.61 | 76.26 / 80.37 † | README of the official code; † |',
        '| AGW | 47.50 / 47.65 / 35.30 | 54.17 / 62.97 | README of the official code; HAResformer, Table VI |',
        '| AGW | 70.05 / 66.37 / 50.19 | 70.49 / 65.90 | README of the official code; HAResformer, Table VII |',
        '| CAJ | 85.03 / 79.14 / 65.33 | 84.75 / 77.82 † | README of the official code; † |',
    ):
        assert any(row.startswith(start) for row in rows)


def test_costs_of_haresformer_stand_as_in_the_readme(metafiles):
    (row,) = (row for row in cost_table(metafiles) if row[0] == 'HAResformer')
    assert row[1:] == ['25.00', '113.75', '28.98', '123.12', '123.93', '123.54', '124.58']


def test_our_results_are_shown_with_their_spread(metafiles):
    agw = next(metafile for metafile in metafiles if metafile.name == 'AGW')
    models = copy.deepcopy(agw.models)
    metrics = {'sysu/all/R1': 12.5, 'sysu/all/mAP': 15.0, 'sysu/all/mINP': 8.25}
    spread = {'sysu/all/R1': 1.0, 'sysu/all/mAP': 0.5, 'sysu/all/mINP': 0.25}
    for model in models:
        model.pop('Results', None)
        if model['Name'] in ('agw_synth', 'agw_sysu_unified'):
            model['Results'] = [dict(Dataset='SynVI', Metrics=metrics, Spread=spread, Seeds=[0, 2], Command='python x')]
    page = render_page([replace(agw, models=models)], ROOT)
    row = '| `sysu/all` on SynVI | 12.50 ± 1.00 | 15.00 ± 0.50 | 8.25 ± 0.25 | 0, 2 | `python x` |'
    assert f'| AGW | `agw_synth` {row}' in page
    assert ' HAResformer, Table VI | below |' in page and ' HAResformer, Table VII | not yet run |' in page
    assert 'Not yet run: RegDB, LLCM.' in page


def test_a_method_without_costs_is_refused(metafiles):
    models = [{key: value for key, value in model.items() if key != 'Metadata'} for model in metafiles[0].models]
    with pytest.raises(ValueError, match='one_stream.yml lacks costs: run python tools/model_zoo.py costs'):
        cost_table([replace(metafiles[0], models=models)])
