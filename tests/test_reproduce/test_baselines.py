import csv
import io

import numpy as np
import pytest

from haresreid.config.config import load_config
from haresreid.files.paths import CONFIG_ROOT
from haresreid.registry import MODELS
from haresreid.reproduce import BASELINE_DATASETS, baseline_recipes, baselines, compare_baselines

METHODS = list(baselines.METHODS.values())


def content(r1, mean_ap, fingerprint='f', protocol='sysu/all'):
    """A result file, figures as fractions."""
    ours = dict(mean=dict(R1=r1, mAP=mean_ap, mINP=mean_ap / 2))
    return dict(data=dict(fingerprint=fingerprint), config=dict(name='c'), protocols={protocol: dict(ours=ours)})


@pytest.fixture(scope='module')
def table():
    """Two seeds of AGW, one of HAResformer, none of the others."""
    recipes = baseline_recipes('synth')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, 'BATCH_SIZE', 2)
        patch.setattr(baselines, 'ROUNDS', 1)
        return compare_baselines(
            'synth',
            {recipes['AGW']: [content(0.1, 0.2), content(0.2, 0.26)], recipes['HAResformer']: [content(0.5, 0.25)]},
        )


def cells(table):
    lines = [line[2:-2].split(' | ') for line in table.markdown().splitlines() if line.startswith('|')]
    return {line[0]: dict(zip(lines[0], line)) for line in lines[2:]}


def test_llcm_figures_that_look_like_the_swapped_rule_s_bring_a_warning():
    figures = {'AGW': {'llcm/v2i/R1': np.array([63.0, 64.4]), 'llcm/v2i/mAP': np.array([47.2])}, 'HC': {}}
    table = baselines.BaselineTable('llcm', (), {}, figures, (288, 144), 80)
    assert 'Warning: llcm/v2i: ' in table.markdown() and 'AGW (Rank-1 63.70, mAP 47.20)' in table.markdown()
    right = {'AGW': {column: values - 20 * column.endswith('R1') for column, values in figures['AGW'].items()}}
    assert 'Warning' not in baselines.BaselineTable('llcm', (), {}, right, (288, 144), 80).markdown()


@pytest.mark.parametrize('dataset', BASELINE_DATASETS)
def test_every_method_has_a_config(dataset):
    recipes = baseline_recipes(dataset)
    recipe = 'synth' if dataset == 'synth' else f'{dataset}_unified'
    there = {f'configs/baselines/{path.name}' for path in (CONFIG_ROOT / 'configs/baselines').glob(f'*_{recipe}.py')}
    *others, ours = (recipe.config for recipe in recipes.values())
    assert set(others) == there and (CONFIG_ROOT / ours).is_file() and 'AGW' in METHODS
    assert recipes['AGW'].config == f'configs/baselines/agw_{dataset}{"" if dataset == "synth" else "_unified"}.py'


@pytest.mark.parametrize('dataset', BASELINE_DATASETS)
def test_every_method_has_a_recipe_of_its_own(dataset):
    """Narrow models have one recipe only, and HAResformer's own is the one that all share."""
    own, shared = baseline_recipes(dataset, own=True), baseline_recipes(dataset)
    assert list(own) == list(shared) and own['HAResformer'] == shared['HAResformer']
    assert all((CONFIG_ROOT / recipe.config).is_file() for recipe in own.values())
    assert own['AGW'].name == ('agw_synth' if dataset == 'synth' else f'agw_{dataset}_paper')


def test_there_are_none_for_other_data_sets():
    with pytest.raises(ValueError, match="no data set with baselines 'synth_regdb'; did you mean 'synth'"):
        baseline_recipes('synth_regdb')


def test_figures_stand_with_their_spread_and_a_dash_where_there_are_none(table):
    rows = cells(table)
    assert list(rows) == METHODS
    assert rows['AGW']['sysu/all R1'] == '15.00 ± 5.00' and rows['AGW']['sysu/all mAP'] == '23.00 ± 3.00'
    assert rows['AGW']['sysu/all mINP'] == '11.50 ± 1.50'
    assert rows['HAResformer']['sysu/all R1'] == '50.00' and rows['CAJ']['sysu/all R1'] == '–'
    caption = table.markdown().splitlines()[-1]
    assert 'over 0 to 2 models per row' in caption and "SynVI's drawn images" in caption and '5 epochs' in caption
    assert 'one 96x48 image' in caption


def test_costs_are_those_of_the_narrow_models(table):
    """Multiply-accumulates by hand for the one-stream ResNet-18-like network; parameters counted on the model."""
    rows = cells(table)
    cfg = load_config(str(CONFIG_ROOT / 'configs/baselines/mmd_reid_synth.py'))
    params = sum(weight.numel() for weight in MODELS.build(cfg.model).parameters())
    assert rows['MMD-ReID']['parameters (M)'] == f'{params / 1e6:.2f}'

    macs = 48 * 24 * 16 * 3 * 7 * 7 + 128 * 400  # the stem, of stride 2, and the classifier
    positions, before = 24 * 12, 16
    for width, stride in zip((16, 32, 64, 128), (1, 2, 2, 1)):
        positions //= stride**2
        macs += positions * width * 9 * (before + 3 * width)  # two blocks of two convolutions
        macs += positions * width * before * (before != width)  # the shortcut
        before = width
    assert table.figures['One-stream CNN']['MACs (M)'].item() == pytest.approx(macs / 1e6, rel=1e-6)
    for first, second in (('One-stream CNN', 'Two-stream CNN'), ('Two-stream CNN', 'BDTR'), ('AGW', 'CAJ')):
        assert rows[first]['MACs (M)'] == rows[second]['MACs (M)']  # an image passes one of the two stems
    assert float(rows['HAResformer']['MACs (M)']) > 1.4 * float(rows['AGW']['MACs (M)'])


def test_speeds_are_relative_to_the_first_row(table):
    assert cells(table)['One-stream CNN']['of the first'] == '1.00'
    assert all(figures[column] > 0 for figures in table.figures.values() for column in ('images/s', 'of the first'))


def test_the_csv_has_a_line_per_method_and_column(table):
    lines = list(csv.DictReader(io.StringIO(table.csv())))
    assert len(lines) == len(METHODS) * (3 + 4)
    of_agw = {line['column']: line for line in lines if line['method'] == 'AGW'}
    line = of_agw['sysu/all/mAP']
    assert (line['mean'], line['std'], line['models']) == ('23.0000', '3.0000', '2')
    assert (line['dataset'], line['recipe']) == ('synth', 'agw_synth')
    assert (of_agw['MACs (M)']['std'], of_agw['MACs (M)']['models']) == ('', '')
    assert [line['mean'] for line in lines if line['method'] == 'CAJ'][:3] == [''] * 3


def test_on_a_real_set_the_caption_names_it_and_what_is_not_the_papers(monkeypatch):
    monkeypatch.setattr(
        baselines,
        '_measure',
        lambda recipes, overrides: {
            method: {column: np.ones(1) for column in baselines.MEASURED} for method in recipes
        },
    )
    recipes = baseline_recipes('regdb')
    results = {recipes['AGW']: [content(0.1, 0.2, protocol=f'regdb/{way}') for way in ('v2i', 'i2v')]}
    table = compare_baselines('regdb', results)
    assert table.columns[:6] == tuple(
        f'regdb/{way}/{metric}' for way in ('v2i', 'i2v') for metric in ('R1', 'mAP', 'mINP')
    )
    caption = table.markdown().splitlines()[-1]
    assert 'RegDB, from ImageNet weights' in caption and '80 epochs' in caption and 'one 288x144 image' in caption
    assert 'SynVI' not in caption


def test_models_tested_on_different_images_are_refused():
    recipes = baseline_recipes('synth')
    with pytest.raises(ValueError, match='tested on different images'):
        compare_baselines('synth', {recipes['AGW']: [content(0.1, 0.2)], recipes['CAJ']: [content(0.1, 0.2, 'g')]})
