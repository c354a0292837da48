import pytest

from haresreid.files.paths import CONFIG_ROOT
from haresreid.reproduce import baseline_recipes, baselines, table_rows
from haresreid.reproduce.methods import refuse_idle_all_methods
from haresreid.reproduce.paper import NOT_RUN, method_of, paper_table, rows

OF_METHODS = {'table6': 'sysu', 'table7': 'regdb', 'table8': 'llcm'}


@pytest.mark.parametrize('table, dataset', OF_METHODS.items())
def test_every_row_runs_or_says_why_not(table, dataset):
    for kind, recipe in ((dataset, f'{dataset}_paper'), ('synth', 'synth')):
        *others, ours = table_rows(table, kind)
        assert [row.label for row in (*others, ours)] == [row.label for row in paper_table(table).rows]
        for row in others:
            if row.recipe:
                assert row.recipe.name.endswith(f'_{recipe}') and (CONFIG_ROOT / row.recipe.config).is_file()
                assert not row.reason
            else:
                assert row.remark == 'no code exists' and row.reason
        assert ours.recipe == baseline_recipes(kind)['HAResformer']
        assert {'DDAG', 'LbA'} <= {row.label for row in others if row.recipe}


@pytest.mark.parametrize('table', OF_METHODS)
def test_synvi_has_the_paper_s_figures_of_every_table(table):
    narrow, full = (table_rows(table, dataset) for dataset in ('synth', OF_METHODS[table]))
    assert [row.paper for row in narrow] == [row.paper for row in full] and all(row.paper for row in full)


def test_no_reason_is_of_a_method_that_no_table_has():
    assert set(NOT_RUN) <= {row.label for table in OF_METHODS for row in paper_table(table).rows}


def test_a_method_that_is_built_later_takes_the_place_of_its_reason(monkeypatch):
    monkeypatch.setattr(baselines, 'METHODS', baselines.METHODS | dict(pmt='PMT', spot='SPOT, as described'))
    found = {row.label: row for row in table_rows('table7', 'regdb')}
    assert (found['PMT'].recipe.name, found['PMT'].reason) == ('pmt_regdb_paper', '')
    assert found['SPOT'].recipe.name == 'spot_regdb_paper'


def test_what_follows_a_text_alone_is_marked():
    described = {row.label for row in table_rows('table6', 'sysu', all_methods=True) if row.remark == 'as described'}
    assert {'DTRM', 'HAT', 'UBA triplet', 'HAResformer'} <= described
    assert not described & {'DDAG', 'LbA', 'AGW', 'MPANet', 'X-modality', 'One-stream CNN'}


def test_all_methods_are_every_baseline_once_behind_the_paper_s_rows():
    for table, dataset in (*OF_METHODS.items(), ('table7', 'synth')):
        shown, known = table_rows(table, dataset), baseline_recipes(dataset, own=True)
        everything = table_rows(table, dataset, all_methods=True)
        assert everything[: len(shown)] == shown
        assert sorted(row.recipe.name for row in everything if row.recipe) == sorted(
            recipe.name for recipe in known.values()
        )
        assert all(row.number is None and not row.paper for row in everything[len(shown) :])


def test_the_other_layouts_of_synvi_have_haresformer_alone():
    *others, ours = table_rows('table7', 'synth_regdb')
    assert ours.recipe.config == 'configs/haresformer_synth_regdb.py' and not any(row.recipe for row in others)
    assert {row.remark for row in others} == {'no code exists', 'not on synth_regdb'}
    with pytest.raises(ValueError, match="no data set with baselines 'synth_regdb'; did you mean 'synth'"):
        table_rows('table7', 'synth_regdb', all_methods=True)


def test_an_ablation_stays_as_it_is():
    assert table_rows('table4', 'sysu', all_methods=True) == rows('table4', 'sysu')


def test_all_methods_without_a_table_of_methods_are_refused():
    refuse_idle_all_methods(['table4', 'table7'])
    with pytest.raises(ValueError, match='adds rows to table6, table7, table8, of which none is asked for'):
        refuse_idle_all_methods(['table4', 'baselines'])


def test_a_label_names_its_method_with_or_without_as_described():
    names = ['AGW', 'DTRM, as described']
    assert [method_of(label, names) for label in ('AGW', 'DTRM', 'HC')] == ['AGW', 'DTRM, as described', None]
