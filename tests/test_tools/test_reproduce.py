"""One command from nothing to ours beside the paper's, on eight synthetic people."""

import fcntl
import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
TINY = [
    '--data-root',
    'data',
    '--cfg-options',
    *(f'{loader}.dataset.num_ids=(8,0,8)' for loader in LOADERS),
    *(f'{loader}.num_workers=0' for loader in LOADERS),
    *(f'{loader}.persistent_workers=False' for loader in LOADERS),
    'train_dataloader.sampler.num_ids=4',
    'train_cfg.max_epochs=1',
    'val_evaluator.references=[]',
    'test_evaluator.references=[]',
]
LLCM = ['--dataset', 'synth_llcm', *TINY, '--data-root', 'llcm']
WORK = Path('work_dirs/reproduce')
RUN = WORK / 'haresformer_synth_llcm/seed_0'


@pytest.fixture(scope='module')
def reproduce(tmp_path_factory):
    """Run the tool in this process, in the user's folder; its trainings are processes of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp('user'))
        patch.setenv('OMP_NUM_THREADS', '1')

        def reproduce(*arguments):
            patch.setattr('sys.argv', ['reproduce.py', *arguments])
            runpy.run_path(str(ROOT / 'tools/reproduce.py'), run_name='__main__')

        yield reproduce


@pytest.fixture
def refused(reproduce):
    def refused(*arguments):
        with pytest.raises(SystemExit) as error:
            reproduce(*arguments)
        return str(error.value)

    return refused


def test_a_table_from_nothing_and_again_without_repeating_it(reproduce, capsys):
    reproduce('table8', *LLCM)
    output, metrics = capsys.readouterr().out, json.loads((RUN / 'metrics.json').read_text())
    mean = metrics['protocols']['llcm/v2i']['ours']['mean']
    assert '1 runs, 0 of them finished already' in output
    assert '[1/1] finished haresformer_synth_llcm, seed 0 in' in output
    assert f'| HAResformer (ours, SynVI, as described) | {100 * mean["R1"]:.2f} |' in output
    assert '| HAResformer (paper, LLCM) | 53.10 |' in output and '| LbA (paper, LLCM) | 50.80 |' in output
    assert '- LbA, not on synth_llcm: `--dataset synth` trains it.' in output
    assert (WORK / 'synth_llcm_table8.md').read_text().strip() in output
    assert f'{100 * mean["mAP"]:.4f},0.0000,1,57.04' in (WORK / 'synth_llcm_table8.csv').read_text()
    branches = json.loads((RUN / 'branches.json').read_text())
    held = branches['retrieval']['llcm/v2i']['both held']['mean_ap']
    least = min(stage['cls_spread'] for stage in branches['stages'])
    assert 'measuring the branches of haresformer_synth_llcm, seed 0' in output
    assert re.search(rf': HAResformer \| {least:.3f} \| .* \| {held:.2f} \| ', output)

    # as if it had been killed between its last checkpoint and its evaluation
    (RUN / 'metrics.json').unlink()
    reproduce('table8', '--dry-run', *LLCM)
    output = capsys.readouterr().out
    assert re.search(r'haresformer_synth_llcm, seed 0 +resumable at epoch 1\n', output)
    assert '1 of 1 runs to go, 0 epochs' in output
    reproduce('table8', *LLCM)
    again = json.loads((RUN / 'metrics.json').read_text())
    assert again['protocols'] == metrics['protocols'] and again['config'] == metrics['config']

    assert 'measuring' not in capsys.readouterr().out
    log = (RUN / 'train.log').read_bytes()
    for file in (RUN / 'branches.json', *RUN.glob('*.pth')):  # as an older release left it, and a user tidied it up
        file.unlink()
    reproduce('table8', *LLCM)
    output = capsys.readouterr().out
    assert '1 runs, 1 of them finished already' in output and (RUN / 'train.log').read_bytes() == log
    assert (
        'the branches of haresformer_synth_llcm, seed 0 are not measured: ' in output
        and 'holds no checkpoint' in output
    )
    assert f'| HAResformer (ours, SynVI, as described) | {100 * mean["R1"]:.2f} |' in output
    assert 'carry images' not in output


def test_a_baseline_of_two_views_from_nothing(reproduce, capsys, monkeypatch):
    from haresreid.reproduce import baselines

    monkeypatch.setattr(baselines, 'METHODS', dict(caj='CAJ'))
    monkeypatch.setattr(baselines, 'ROUNDS', 1)
    reproduce('baselines', '--dataset', 'synth', *TINY, 'model.backbone.pretrained=None')
    output = capsys.readouterr().out
    metrics = json.loads((WORK / 'caj_synth/seed_0/metrics.json').read_text())
    mean = metrics['protocols']['sysu/all']['ours']['mean']
    assert f'| CAJ | {100 * mean["R1"]:.2f} | {100 * mean["mAP"]:.2f} | {100 * mean["mINP"]:.2f} | ' in output
    assert (WORK / 'synth_baselines.md').read_text().strip() in output
    assert (
        f'synth,CAJ,caj_synth,sysu/all/mAP,{100 * mean["mAP"]:.4f},0.0000,1'
        in (WORK / 'synth_baselines.csv').read_text()
    )


def test_baselines_are_listed_before_haresformer(reproduce, capsys):
    reproduce('baselines', '--dataset', 'synth', '--dry-run', '--work-dir', 'untouched')
    names = [line.split(',')[0] for line in capsys.readouterr().out.splitlines() if ', seed 0 ' in line]
    assert names[-1] == 'haresformer_synth_short'
    assert set(names[:-1]) == {path.stem for path in (ROOT / 'configs/baselines').glob('*_synth.py')}


def test_finished_methods_stand_beside_the_paper_s_figures(reproduce, capsys):
    """The runs are made up, with figures that only their methods have, so that nothing is left to train."""
    from haresreid.reproduce import plan_tables

    work, figures = Path('made_up'), dict(ddag_synth=0.25, lba_synth=0.375, haresformer_synth_short=0.5)
    for run in plan_tables(['table8'], 'synth', 2, [1], work):
        mean = dict.fromkeys(('R1', 'R10', 'R20', 'mAP'), figures[run.recipe.name])
        content = dict(
            data=dict(fingerprint='f'),
            config=dict(name=run.recipe.name, hash=run.hash),
            protocols={'sysu/all': dict(ours=dict(mean=mean))},
        )
        run.folder.mkdir(parents=True)
        (run.folder / 'metrics.json').write_text(json.dumps(content))
    reproduce('table8', '--dataset', 'synth', '--seeds', '2', '--work-dir', str(work))
    output = capsys.readouterr().out
    assert '6 runs, 6 of them finished already' in output
    assert '| LbA (paper, LLCM) | 50.80 | 84.60 | 91.10 | 55.90 | 44.60 | 78.20 | 86.80 | 53.80 |' in output
    for method, figure in (('DDAG', 25), ('LbA', 37.5), ('HAResformer', 50)):
        described = ', as described' if method == 'HAResformer' else ''
        cells = [f'{figure:.2f} ± 0.00'] * 4
        assert f'| {method} (ours, SynVI{described}) | {" | ".join([*["–"] * 8, *cells])} |' in output
    assert (work / 'synth_table8.md').read_text().strip() in output
    assert 'Table VIII,synth,2,LbA,lba_synth,sysu/all/R1,37.5000,0.0000,2,,,' in (work / 'synth_table8.csv').read_text()


def test_the_other_methods_are_listed_with_the_recipes_that_they_have(reproduce, capsys):
    def listed(*arguments):
        reproduce(*arguments, '--dry-run', '--work-dir', 'untouched')
        return [line.split(',')[0] for line in capsys.readouterr().out.splitlines() if ', seed 0 ' in line]

    few = ['ddag_sysu_paper', 'lba_sysu_paper', 'hc_tri_sysu_paper', 'agw_sysu_paper', 'dtrm_sysu_paper']
    assert [name for name in listed('table6', '--dataset', 'sysu') if name in few] == few
    narrow = ['ddag_synth', 'lba_synth', 'haresformer_synth_short']
    assert listed('table8', '--dataset', 'synth') == narrow
    own = {path.stem for path in (ROOT / 'configs/baselines').glob('*_llcm_paper.py')}
    assert set(listed('table8', '--dataset', 'llcm', '--all-methods')) == own | {'haresformer_llcm'}


def test_a_dry_run_lists_and_estimates_and_writes_nothing(reproduce, capsys):
    reproduce(
        'table5',
        'table4',
        '--dataset',
        'synth',
        '--seeds',
        '2',
        '--jobs',
        '2',
        '--dry-run',
        '--seconds-per-epoch',
        '10',
        '--work-dir',
        'untouched',
    )
    output = capsys.readouterr().out
    assert output.count('to do') == 16 and 'haresformer_synth_short_h1_l2, seed 1' in output
    # 16 runs of 5 epochs, two at a time
    assert (
        '16 of 16 runs to go, 80 epochs; time with --jobs 2: 0:06:40 (10 s per epoch, as --seconds-per-epoch' in output
    )
    assert not Path('untouched').exists()


def test_nobody_has_timed_the_real_sets(reproduce, capsys):
    reproduce('table7', '--dataset', 'regdb', '--dry-run', '--work-dir', 'untouched')
    output = capsys.readouterr().out
    assert "RegDB: one model for each of the splits 1; the paper's figures are means over ten" in output
    assert re.search(r'haresformer_regdb, split 1, seed 0 +to do\n', output) and 'time with --jobs 1: unknown' in output


def test_a_table_of_methods_is_shown_with_configs_and_reasons(reproduce, capsys):
    reproduce('table7', '--show', '--all-methods')
    output = capsys.readouterr().out
    assert '| 2: DDAG | `ddag_regdb_paper` |  | 69.34 | 86.19 |' in output
    assert '| 8: DTRM | `dtrm_regdb_paper` | as described | 79.09 |' in output
    assert '| 11: FAM | – | no code exists: none was found, nor an abstract | 87.31 |' in output
    assert '| CAJ | `caj_regdb_paper` |  | – |' in output


def test_a_table_is_shown_with_what_its_rows_change(reproduce, capsys):
    reproduce('table4', 'fig6', '--show')
    output = capsys.readouterr().out
    assert '## Table IV: Components' in output and '## Figure 6' in output
    assert (
        '| 5: B + CFFM + DSA + HGAE | `dsa_hgae` | `model.head.add=False` | 60.01 | 55.92 | 89.83 | 85.31 |' in output
    )
    assert '| sysu: `aux_s4`; regdb: `aux_s34` |' in output


@pytest.mark.parametrize(
    'arguments, sentence',
    [
        (['tabel2', '--dataset', 'synth'], "error: there is no table 'tabel2'; did you mean 'table2'?"),
        (['table2', '--dataset', 'sinth'], "error: there is no data set 'sinth'; did you mean 'synth'?"),
        (['baselines', '--dataset', 'synth_llcm'], "no data set with baselines 'synth_llcm'; did you mean 'synth'?"),
        (['baselines', '--show'], "the paper has no 'baselines'; there are table2, table3"),
        (
            ['table8', '--dataset', 'sysu'],
            'error: Table VIII has no figures for sysu; it can be shown for llcm, synth_llcm, synth',
        ),
        (
            ['table4', '--dataset', 'sysu', '--all-methods'],
            'error: --all-methods adds rows to table6, table7, table8, of which none is asked for: leave it out',
        ),
        (['table4', '--show', '--all-methods'], 'of which none is asked for'),
        (
            ['table7', '--dataset', 'synth_regdb', '--all-methods'],
            "no data set with baselines 'synth_regdb'; did you mean 'synth'?",
        ),
        (['table6', '--dataset', 'sysu', '--data-root', 'nowhere'], 'nowhere'),
        (['table2', '--dataset', 'sysu', '--data-root', 'nowhere'], 'nowhere'),
        (
            ['table2', '--dataset', 'synth', '--cfg-options', 'modle.flip_test=True'],
            "unknown config key 'modle.flip_test'",
        ),
    ],
)
def test_one_sentence_before_anything_is_trained(refused, arguments, sentence):
    assert sentence in refused(*arguments, '--work-dir', 'refused')
    assert not list(Path().glob('refused/*/'))


def test_two_commands_do_not_train_the_same_runs(refused):
    Path('busy').mkdir()
    with open('busy/.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert 'another haresreid reproduce is at work in busy' in refused(
            'table6', '--dataset', 'synth', '--work-dir', 'busy'
        )


def test_a_link_in_the_place_of_the_lock_is_not_followed(refused):
    Path('planted').mkdir()
    Path('mine').write_text('before')
    Path('planted/.lock').symlink_to(Path('mine').absolute())
    said = refused('table6', '--dataset', 'synth', '--work-dir', 'planted')
    assert 'planted/.lock: Too many levels of symbolic links, since a link stands there: remove it' in said
    assert Path('mine').read_text() == 'before'


def test_figure_six_shows_each_model_and_the_paper_on_real_images_alone(reproduce):
    from haresreid.reproduce import compare, lambda_points
    from haresreid.reproduce.paper import rows

    content = dict(
        data=dict(fingerprint='f'),
        config=dict(name='c'),
        protocols={'sysu/all': dict(ours=dict(mean=dict(R1=0.5, mAP=0.25)))},
    )
    for dataset, sources in (('sysu', ['ours', 'ours', 'paper']), ('synth', ['ours', 'ours'])):
        recipe = rows('fig6', dataset)[1].recipe
        points = lambda_points(compare('fig6', dataset, {recipe: [content, content]}))
        assert [point.source for point in points] == sources
        assert points[0] == ('sysu/all', 'ours', 0.5, 50.0, 25.0)
    assert len(lambda_points(compare('fig6', 'sysu', {}))) == 2
