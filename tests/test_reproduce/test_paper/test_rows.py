from collections import defaultdict
from pathlib import Path

import pytest

from haresreid.reproduce import Recipe
from haresreid.reproduce.paper import VARIANTS, rows

ROOT = Path(__file__).parents[3]
ABLATIONS = ('table2', 'table3', 'table4', 'table5', 'fig6')


def recipes(dataset: str, *tables: str) -> set[Recipe]:
    return {row.recipe for table in tables for row in rows(table, dataset)}


@pytest.mark.parametrize('dataset', ['sysu', 'regdb', 'synth', 'synth_regdb'])
def test_the_ablations_are_27_trainings_of_one_config(dataset):
    named = recipes(dataset, *ABLATIONS)
    (config,) = {recipe.config for recipe in named}
    assert (ROOT / config).is_file()
    assert {recipe.variant for recipe in named} <= {None, *VARIANTS} and len(named) == 27
    assert [len(recipes(dataset, table)) for table in ABLATIONS] == [4, 11, 6, 3, 8]


def test_every_variant_is_a_row():
    shown = {recipe.variant for dataset in ('sysu', 'regdb') for recipe in recipes(dataset, *ABLATIONS)}
    assert shown == {None, *VARIANTS}


def test_two_rows_are_one_training_exactly_if_the_paper_prints_the_same_figures():
    for dataset in ('sysu', 'regdb'):
        figures = defaultdict(set)
        for table in (*ABLATIONS, dict(sysu='table6', regdb='table7')[dataset]):
            for row in rows(table, dataset):
                if row.recipe and row.paper:
                    protocol = dict(sysu='sysu/all', regdb='regdb/v2i')[dataset]
                    figures[row.recipe].add((row.paper[f'{protocol}/R1'], row.paper[f'{protocol}/mAP']))
        assert all(len(printed) == 1 for printed in figures.values()), figures
        assert len(set().union(*figures.values())) == len(figures)


@pytest.mark.parametrize('dataset', ['sysu', 'synth'])
def test_rows_on_sysu(dataset):
    second, third, fourth = (rows(f'table{number}', dataset) for number in (2, 3, 4))
    assert fourth[2].recipe == third[3].recipe
    assert second[3].recipe == third[7].recipe
    assert second[2].recipe == fourth[1].recipe
    assert fourth[5].recipe == rows('table5', dataset)[0].recipe == rows('fig6', dataset)[1].recipe
    assert [row.paper for row in rows('table4', 'synth')] == [row.paper for row in rows('table4', 'sysu')]


@pytest.mark.parametrize('dataset', ['regdb', 'synth_regdb'])
def test_rows_on_regdb(dataset):
    assert rows('table4', dataset)[2].recipe == rows('table3', dataset)[9].recipe
    assert rows('table4', dataset)[5].recipe == rows('fig6', dataset)[0].recipe
    assert set(rows('table4', dataset)[0].paper) == {'regdb/v2i/R1', 'regdb/v2i/mAP'}


@pytest.mark.parametrize(
    'table, dataset',
    [
        ('table6', 'sysu'),
        ('table6', 'synth'),
        ('table7', 'regdb'),
        ('table7', 'synth'),
        ('table7', 'synth_regdb'),
        ('table8', 'llcm'),
        ('table8', 'synth'),
        ('table8', 'synth_llcm'),
    ],
)
def test_among_other_methods_only_ours_is_trained(table, dataset):
    *others, ours = rows(table, dataset)
    assert {row.recipe for row in others} == {None}
    short = '_short' if dataset == 'synth' else ''  # from the start weights of the other methods
    assert (ours.label, ours.recipe) == ('HAResformer', Recipe(f'configs/haresformer_{dataset}{short}.py'))
    assert (ROOT / ours.recipe.config).is_file()


def test_costs_stand_beside_every_data_set():
    assert all(rows('table5', dataset)[1].paper['cost/FLOPs (G)'] == 39.34 for dataset in ('sysu', 'synth_regdb'))


def test_what_the_paper_does_not_show_is_refused():
    with pytest.raises(
        ValueError, match='Table VIII has no figures for sysu; it can be shown for llcm, synth_llcm, synth$'
    ):
        rows('table8', 'sysu')
    with pytest.raises(ValueError, match='Table IV has no figures for llcm; .* sysu, regdb, synth, synth_regdb$'):
        rows('table4', 'llcm')
    with pytest.raises(ValueError, match="there is no data set 'market'; there are sysu, regdb"):
        rows('table2', 'market')


@pytest.mark.parametrize('table', ABLATIONS)
def test_the_page_about_the_ablations_shows_the_same(table):
    page = (ROOT / 'docs/en/advanced_guides/ablations.md').read_text(encoding='utf-8')
    for sysu, regdb in zip(rows(table, 'sysu'), rows(table, 'regdb')):
        line = next(line for line in page.splitlines() if line.startswith(f'| {sysu.number} | {sysu.label} |'))
        for row, protocol in ((sysu, 'sysu/all'), (regdb, 'regdb/v2i')):
            shown = (
                ' / '.join(f'{row.paper[f"{protocol}/{metric}"]:.2f}' for metric in ('R1', 'mAP'))
                if row.paper
                else 'a curve'
            )
            assert f'| {shown} |' in line and f'`{row.recipe.variant or "full"}`' in line
