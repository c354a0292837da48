import json

import pytest

from haresreid.config.config import config_hash
from haresreid.files.paths import CONFIG_ROOT
from haresreid.reproduce import Recipe, plan_runs, run_state
from haresreid.reproduce.nearest import nearest
from haresreid.reproduce.paper import rows

NARROW = Recipe('configs/haresformer_synth.py')


@pytest.fixture
def run(tmp_path):
    (planned,) = plan_runs([NARROW], [0], [], tmp_path)
    planned.folder.mkdir(parents=True)
    return planned


def write_metrics(run, digest):
    run.folder.joinpath('metrics.json').write_text(
        json.dumps(dict(protocols={}, data=dict(fingerprint='f'), config=dict(hash=digest)))
    )


def test_a_recipe_of_several_tables_is_trained_once_for_each_seed(tmp_path):
    recipes = [row.recipe for table in ('table2', 'table4', 'table2') for row in rows(table, 'synth')]
    runs = plan_runs(recipes, range(2), [], tmp_path)
    names = [run.recipe.name for run in runs if run.seed == 0]
    # row 3 of Table II is row 2 of Table IV
    variants = ('id', 'id_hc', 'id_hc_mmd', 'aux_s1234', 'b', 'aux_s4', 'dsa_s4_add', 'dsa_hgae')
    assert set(names) == {'haresformer_synth_short', *(f'haresformer_synth_short_{variant}' for variant in variants)}
    assert [run.seed for run in runs] == [0] * 9 + [1] * 9, 'a seed is complete before the next one begins'
    assert {run.folder for run in runs} == {tmp_path / name / f'seed_{seed}' for name in names for seed in (0, 1)}


def test_a_run_is_known_by_the_hash_that_its_training_writes(tmp_path):
    first, second = plan_runs([NARROW], [0, 7], [], tmp_path)
    cfg = NARROW.load()
    cfg.randomness.seed = 7
    assert second.hash == config_hash(cfg) != first.hash
    (shorter,) = plan_runs(
        [NARROW], [0], [], tmp_path, ['--cfg-options', 'train_cfg.max_epochs=2'], {'train_cfg.max_epochs': 2}
    )
    assert (first.epochs, shorter.epochs) == (30, 2) and shorter.hash != first.hash
    assert shorter.command[-2:] == ('--cfg-options', 'train_cfg.max_epochs=2') and '--resume' in shorter.command
    assert {'--split'}.isdisjoint(first.command)


def test_a_variant_is_trained_with_its_option(tmp_path):
    recipe = Recipe('configs/haresformer_synth_short.py', 'b')
    (run,) = plan_runs([recipe], [0], [], tmp_path)
    assert (
        run.name == 'haresformer_synth_short_b, seed 0' and run.folder == tmp_path / 'haresformer_synth_short_b/seed_0'
    )
    assert run.command[3:6] == (str(CONFIG_ROOT / recipe.config), '--variant', 'b')
    assert run.hash != plan_runs([Recipe(recipe.config)], [0], [], tmp_path)[0].hash


def test_every_split_of_regdb_is_a_model_of_its_own(tmp_path):
    runs = plan_runs([Recipe('configs/haresformer_synth_regdb.py')], [0, 1], [1, 2], tmp_path)
    assert [run.name for run in runs] == [
        f'haresformer_synth_regdb, split {split}, seed {seed}' for seed in (0, 1) for split in (1, 2)
    ]
    assert runs[1].folder == tmp_path / 'haresformer_synth_regdb/split_2/seed_0'
    assert runs[1].command[runs[1].command.index('--split') + 1] == '2'


def test_the_states_of_a_run(run):
    assert str(run_state(run)) == 'to do'
    run.record.write_text(json.dumps(dict(hash=run.hash)))
    assert str(run_state(run)) == 'to do'
    (run.folder / 'last_checkpoint').write_text(str(run.folder / 'epoch_11.pth'))
    assert str(run_state(run)) == 'resumable at epoch 11' and run_state(run).epoch == 11
    write_metrics(run, run.hash)
    assert str(run_state(run)) == 'finished' and run_state(run).epoch == 30


def test_another_run_s_folder_is_refused(run):
    write_metrics(run, 'another')
    with pytest.raises(ValueError, match=r'seed_0 holds a run of another recipe \(config hash another\).*--work-dir'):
        run_state(run)
    (run.folder / 'metrics.json').unlink()
    (run.folder / 'last_checkpoint').write_text('epoch_3.pth')
    with pytest.raises(ValueError, match='config hash not recorded'):
        run_state(run)
    run.record.write_text(json.dumps(dict(hash='another')))
    with pytest.raises(ValueError, match='config hash another'):
        run_state(run)


def test_the_nearest_name_is_named():
    assert nearest('table', 'table2', ['table2', 'fig6']) == 'table2'
    with pytest.raises(ValueError, match="there is no table 'tabel2'; did you mean 'table2'"):
        nearest('table', 'tabel2', ['table2', 'fig6'])
    with pytest.raises(ValueError, match="there is no table 'zzz'; there are table2, fig6"):
        nearest('table', 'zzz', ['table2', 'fig6'])
