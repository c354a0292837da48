"""The tools as a user runs them, in processes of their own, on eight synthetic people."""

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from haresreid.evaluation import FeatureSet

ROOT = Path(__file__).parents[2]
EPOCHS = 3
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def tiny(folder: Path, layout: str = 'sysu') -> list[str]:
    """Options that shrink the synthetic config to seconds."""
    ids = dict(sysu='(8,0,8)', regdb='(8,0,8)')[layout]
    return [
        f'--data-root={folder / "data" / layout}',
        '--cfg-options',
        *(f'{loader}.dataset.num_ids={ids}' for loader in LOADERS),
        'train_dataloader.sampler.num_ids=4',
        f'train_cfg.max_epochs={EPOCHS}',
        'train_cfg.val_interval=1',
        'default_hooks.logger.interval=1',
    ]


def environment(folder: Path) -> dict:
    return dict(
        os.environ,
        XDG_CACHE_HOME=str(folder / 'cache'),
        OMP_NUM_THREADS='1',
        PATH=f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}',
    )


def command(tool: str, config: str, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / 'tools' / tool), str(ROOT / 'configs' / config), *map(str, arguments)]


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(arguments, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def refused(folder: Path, *arguments: str) -> str:
    """The last line of a command that must fail, without a traceback."""
    done = subprocess.run(arguments, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode != 0 and 'Traceback' not in done.stderr, done.stderr
    return done.stderr.strip().splitlines()[-1]


def figures(work_dir: Path) -> dict:
    return json.loads((work_dir / 'metrics.json').read_text())['protocols']


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp('user')


@pytest.fixture(scope='module')
def killed_and_resumed(folder) -> tuple[Path, str]:
    """A run killed after its first checkpoint and started again: its work directory and the second start's output."""
    best = 'default_hooks.checkpoint.save_best=sysu/all/R1-first-draw'
    train = command('train.py', 'haresformer_synth.py', *tiny(folder), best)
    with subprocess.Popen(
        train,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        work_dir = folder / 'work_dirs' / 'haresformer_synth'
        deadline = time.monotonic() + 240
        while not (work_dir / 'last_checkpoint').exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (work_dir / f'epoch_{EPOCHS}.pth').exists(), 'the run was over before it was killed'
    return work_dir, run(folder, *train[:3], '--resume', *train[3:])


def test_a_killed_run_goes_on_where_it_was(killed_and_resumed):
    work_dir, output = killed_and_resumed
    assert re.search(r'of which \d+ are done', output)
    steps = []
    for scalars in sorted(work_dir.glob('*/vis_data/scalars.json')):
        records = [json.loads(line) for line in scalars.read_text().splitlines() if line.endswith('}')]
        steps.append([record['step'] for record in records if 'loss' in record])
    assert len(steps) == 2
    last = max(steps[1])
    assert set(steps[0] + steps[1]) == set(range(1, last + 1)) and min(steps[1]) > 1


def test_a_run_leaves_figures_pictures_and_checkpoint(killed_and_resumed):
    work_dir, output = killed_and_resumed
    for name in ('metrics.json', 'ranked_list.png', 'curves.png', 'branches.png', f'epoch_{EPOCHS}.pth'):
        assert (work_dir / name).stat().st_size > 1000, name
    assert set(figures(work_dir)['sysu/all']) == {'ours', 'chance', 'hog'}
    assert all(row in output for row in ('ours', 'chance', 'hog', 'eta'))


def test_the_screen_is_calm_and_the_log_file_whole(killed_and_resumed):
    work_dir, output = killed_and_resumed
    log = max(work_dir.glob('*/*.log')).read_text()
    assert len(output.splitlines()) < 30
    for line in (
        'System environment',
        'default_hooks = dict(',
        'Hooks will be executed',
        'paramwise_options',
        'FileClient',
        'Load checkpoint from',
        'Epoch(train)',
        ' queries (',
    ):
        assert line in log, line
    noise = 'dict\\(|Hook|checkpoint|paramwise|deprecated|is skipped|At chance|Traceback|mmengine'
    assert not re.search(noise, output), output
    for said in ('haresformer_synth, seed 0', 'trained on SynVI', 'on: CPU', 'into: work_dirs', 'the whole log: '):
        assert said in output, said


def test_the_figures_are_the_last_epochs_and_the_best_checkpoint_stands_beside_it_with_its_rule(killed_and_resumed):
    """By the official scripts' rule: Rank-1 of the first draw, the earliest of equal ones."""
    work_dir, _ = killed_and_resumed
    scores = {}
    for file in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for record in map(json.loads, file.read_text().splitlines()):
            if 'sysu/all/R1-first-draw' in record:
                scores[record['step']] = record['sysu/all/R1-first-draw']
    assert sorted(scores) == list(range(1, EPOCHS + 1))
    content = json.loads((work_dir / 'metrics.json').read_text())
    assert scores[EPOCHS] == 100 * content['protocols']['sysu/all']['ours']['per_trial']['R1'][0]
    (best,) = work_dir.glob('best_*.pth')
    assert best.name == f'best_sysu_all_R1-first-draw_epoch_{max(sorted(scores), key=scores.get)}.pth'
    rule = 'highest sysu/all/R1-first-draw of the evaluated epochs, on the test set'
    assert content['selection'] == dict(figures='last epoch', kept={best.name: rule})


def test_testing_the_checkpoint_gives_the_figures_of_the_training(folder, killed_and_resumed):
    work_dir, _ = killed_and_resumed
    checkpoint = work_dir / f'epoch_{EPOCHS}.pth'
    run(folder, *command('test.py', 'haresformer_synth.py', checkpoint, '--dump', 'features.npz', *tiny(folder)))
    trained, tested = (json.loads((place / 'metrics.json').read_text()) for place in (work_dir, work_dir / 'test'))
    assert tested['protocols'] == trained['protocols'] and tested['data'] == trained['data']
    assert tested['config'] == trained['config'] and tested['config']['name'] == 'haresformer_synth'
    assert (tested['feature'], tested['flip'], 'checkpoint' in trained) == ('post_bn', False, False)
    assert tested['checkpoint'] == dict(name=checkpoint.name, sha256=sha256(checkpoint.read_bytes()).hexdigest()[:16])
    features = FeatureSet.load(folder / 'features.npz')
    assert len(features) == figures(work_dir)['sysu/all']['ours']['num_queries'] + (features.modalities == 0).sum()
    assert {**features.info, 'data': features.info['dataset']} == {
        **features.info,
        **{key: tested[key] for key in ('feature', 'flip', 'config', 'checkpoint', 'data')},
    }


@pytest.mark.parametrize(
    'file, sentence',
    [
        ('there.npz', r'there\.npz: there is such a file already'),
        ('nowhere/features.npz', r'there is no folder nowhere'),
        ('features.mat', r'features are written to a \.npz file'),
    ],
)
def test_a_dump_that_cannot_be_written_is_refused_before_the_model_is_built(file, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'there.npz').write_bytes(b'dear to the user')
    # neither the config nor the checkpoint exists: the dump is looked at first
    monkeypatch.setattr(sys, 'argv', ['test.py', 'no_config.py', 'no_checkpoint.pth', '--dump', file])
    with pytest.raises(SystemExit, match=sentence):
        runpy.run_path(str(ROOT / 'tools' / 'test.py'), run_name='__main__')
    assert (tmp_path / 'there.npz').read_bytes() == b'dear to the user'


def test_two_processes_train_and_their_figures_are_one_process_s(folder):
    output = run(
        folder,
        str(ROOT / 'tools/dist_train.sh'),
        str(ROOT / 'configs/haresformer_synth.py'),
        '2',
        '--work-dir=two',
        *tiny(folder),
    )
    lines = [line for line in output.splitlines() if line.strip()]
    assert len(set(lines)) == len(lines) < 30 and not re.search('Warning|warning:', output), output
    assert 'on: CPU, 1 thread, 2 processes' in output
    run(folder, *command('test.py', 'haresformer_synth.py', f'two/epoch_{EPOCHS}.pth', '--work-dir=one', *tiny(folder)))
    assert figures(folder / 'two') == figures(folder / 'one')


def test_mixed_precision_on_the_regdb_layout_and_its_splits(folder):
    run(
        folder,
        *command(
            'train.py', 'haresformer_synth_regdb.py', '--amp', '--split=2', '--work-dir=regdb', *tiny(folder, 'regdb')
        ),
    )
    assert set(figures(folder / 'regdb')) == {'regdb/v2i', 'regdb/i2v'}
    message = refused(
        folder,
        *command(
            'test.py', 'haresformer_synth_regdb.py', f'regdb/epoch_{EPOCHS}.pth', '--split=3', *tiny(folder, 'regdb')
        ),
    )
    assert 'was trained on split 2' in message and 'take split 2' in message


def test_a_checkpoint_of_another_architecture_is_refused(folder, killed_and_resumed):
    work_dir, _ = killed_and_resumed
    message = refused(
        folder,
        *command(
            'test.py',
            'haresformer_synth.py',
            work_dir / f'epoch_{EPOCHS}.pth',
            *tiny(folder),
            'model.backbone.stage.num_layers=2',
        ),
    )
    assert 'is of another architecture than this config' in message


def test_a_wrong_loss_is_named_before_data_are_drawn(folder, tmp_path):
    options = ['--data-root', tmp_path / 'new', '--cfg-options', 'model.criterion.losses.wr_tri.weight=-1']
    message = refused(folder, *command('train.py', 'haresformer_synth.py', *options))
    assert message.startswith("error: The weight of the loss 'wr_tri' must be a number from 0 on")
    assert not list(tmp_path.iterdir())


def test_a_missing_data_root_is_named_at_once(folder):
    message = refused(
        folder,
        *command(
            'train.py',
            'haresformer_regdb.py',
            '--data-root=nowhere',
            '--cfg-options',
            'model.backbone.encoder.pretrained=None',
        ),
    )
    assert message.startswith('error: ') and 'nowhere' in message
