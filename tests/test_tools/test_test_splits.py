"""The mean over splits, end to end: two models of eight synthetic people each, trained for an epoch."""

import json
import runpy
import shutil
from pathlib import Path

import pytest

from haresreid.config.config import load_config
from haresreid.evaluation.split_runs import is_finished

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / 'configs' / 'haresformer_synth_regdb.py')
PATTERN = 'trained_{split}/epoch_1.pth'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
TINY = {
    **{
        f'{loader}.dataset.{key}': value
        for loader in LOADERS
        for key, value in dict(data_root='data', num_ids='(8,0,8)').items()
    },
    **{f'{loader}.num_workers': 0 for loader in LOADERS},
    **{f'{loader}.persistent_workers': False for loader in LOADERS},
    'train_dataloader.sampler.num_ids': 4,
    'train_cfg.max_epochs': 1,
    'val_evaluator.references': '[]',
    'test_evaluator.references': '[]',
}


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """Run a tool in this process, in the user's folder, without pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp('user'))
        for picture in ('draw_ranked_lists', 'draw_training_curves'):
            patch.setattr(f'haresreid.engine.hooks.run_report_hook.{picture}', lambda *args: None)

        def run(tool, *arguments, **changes):
            options = (f'{key}={value}' for key, value in dict(TINY, **changes).items())
            patch.setattr('sys.argv', [tool, CONFIG, *arguments, '--cfg-options', *options])
            runpy.run_path(str(ROOT / 'tools' / tool), run_name='__main__')

        yield run


@pytest.fixture(scope='module')
def averaged(run):
    """Two splits trained, and averaged by the one command."""
    for split in ('1', '2'):
        run('train.py', '--split', split, '--work-dir', f'trained_{split}')
    run('test_splits.py', PATTERN, '--splits', '2', '1')
    return Path('work_dirs/haresformer_synth_regdb/splits').resolve()


@pytest.fixture
def refused(run):
    def refused(*arguments, **changes):
        with pytest.raises(SystemExit) as error:
            run('test_splits.py', *arguments, **changes)
        return str(error.value)

    return refused


def read(folder):
    return json.loads((folder / 'metrics.json').read_text())


def test_the_mean_is_of_the_splits_own_tests(averaged):
    mean, parts = read(averaged), [read(averaged / f'split_{split}') for split in (1, 2)]
    assert mean['data']['splits'] == [1, 2] and set(mean['protocols']) == {'regdb/v2i', 'regdb/i2v'}
    for name, rows in mean['protocols'].items():
        ours = [part['protocols'][name]['ours'] for part in parts]
        trained = [read(Path(f'trained_{split}'))['protocols'][name]['ours'] for split in (1, 2)]
        assert ours == trained, 'a model has the same figures here as at the end of its training'
        assert rows['ours']['trials'] == [1, 2]
        assert rows['ours']['per_trial']['mAP'] == [part['mean']['mAP'] for part in ours]
        assert rows['ours']['mean']['mAP'] == pytest.approx(
            (ours[0]['mean']['mAP'] + ours[1]['mean']['mAP']) / 2, abs=1e-12
        )
    assert mean['data']['fingerprints'] == [part['data']['fingerprint'] for part in parts]
    assert mean['config'] == read(Path('trained_1'))['config']


def test_an_interrupted_run_goes_on(averaged, run, capsys):
    before, kept = read(averaged), (averaged / 'split_1' / 'metrics.json').stat().st_mtime_ns
    shutil.rmtree(averaged / 'split_2')
    (averaged / 'metrics.json').unlink()
    run('test_splits.py', PATTERN, '--splits', '1', '2')
    output = capsys.readouterr().out
    assert 'Evaluated now: 2.' in output and 'split 1 ' in output and '2 splits, one model each' in output
    assert read(averaged) == before and (averaged / 'split_1' / 'metrics.json').stat().st_mtime_ns == kept


@pytest.mark.parametrize(
    'key, value',
    [
        ('optim_wrapper.optimizer.lr', 0.5),
        ('model.flip_test', True),
        ('load_from', 'trained_2/epoch_1.pth'),
        ('test_dataloader.dataset.data_root', 'changed'),
    ],
)
def test_a_split_counts_as_finished_only_for_the_same_evaluation(averaged, key, value):
    cfg = load_config('trained_1/haresformer_synth_regdb.py')
    cfg.merge_from_dict(dict(work_dir=str(averaged / 'split_1'), load_from='trained_1/epoch_1.pth', resume=False))
    assert is_finished(cfg)
    if value == 'changed':
        shutil.copytree('data', 'changed')
        for image in Path('changed').rglob('*.bmp'):
            image.write_bytes(image.read_bytes() + b' ')
    cfg.merge_from_dict({key: value})
    assert not is_finished(cfg)


def test_a_checkpoint_of_another_split_is_refused(averaged, refused):
    Path('swapped').mkdir()
    shutil.copy('trained_1/epoch_1.pth', 'swapped/2.pth')
    message = refused('swapped/{split}.pth', '--splits', '2', '--work-dir', 'other')
    assert message.startswith('error: checkpoint swapped/2.pth was trained on split 1 of SynVI, and split 2 is to be')
    assert not Path('other/metrics.json').exists()


def test_all_missing_checkpoints_are_named_first(averaged, refused):
    message = refused(PATTERN, '--splits', '1', '2', '3', '9')
    assert '2 of 4 checkpoints are missing: trained_3/epoch_1.pth, trained_9/epoch_1.pth.' in message
    assert '8 of 10 checkpoints are missing' in refused(PATTERN)


@pytest.mark.parametrize(
    'arguments, sentence',
    [
        (['trained_1/epoch_1.pth'], r"write {split} where the split's number stands"),
        ([PATTERN, '--splits', '1', '1'], r'--splits 1 1: each split counts once'),
        ([PATTERN, '--splits', '1', '--work-dir', 'trained_1'], r'trained_1/metrics.json is of another evaluation'),
    ],
)
def test_refusals_before_anything_is_read(averaged, refused, arguments, sentence):
    assert sentence in refused(*arguments)


def test_the_figures_of_a_training_are_not_replaced(averaged, refused):
    shutil.copytree('trained_1', 'mine/split_1')
    assert 'mine/split_1 holds checkpoints' in refused(PATTERN, '--splits', '1', '--work-dir', 'mine')
