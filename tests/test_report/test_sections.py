"""What is missing or broken costs its own part, and leads to a sentence."""

import importlib.util
import re

import pytest
from mmengine.config import Config

from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.report import NotShown, make_section, read_run
from haresreid.report.branches import branch_curves


def reasons(title, run):
    return [block.reason if isinstance(block, NotShown) else None for block in make_section(title, run).blocks]


def test_a_run_that_has_only_begun(run_dir):
    for file in run_dir.rglob('*.*'):
        if file.is_file() and file.name != 'own.py':
            file.unlink()
    run = read_run(run_dir)
    no_checkpoint = f'{run_dir} holds no checkpoint (epoch_N.pth): give one with --checkpoint.'
    no_metrics = f'{run_dir} holds no metrics.json, which a run writes after its last evaluation.'
    no_scalars = f'{run_dir} holds no */vis_data/scalars.json, which a training writes while it runs.'
    assert reasons('Training curves', run) == [no_scalars]
    assert reasons('Metrics', run) == [no_metrics]  # of two parts
    assert reasons('Ranked lists', run) == [
        f'{run_dir} holds no ranked_list.png, which a run draws after its last evaluation.',
        no_checkpoint,
    ]
    for title in ('Grad-CAM', 'Similarity distributions', 't-SNE'):
        assert reasons(title, run) == [no_checkpoint]
    assert reasons('Branches', run) == [no_scalars, no_checkpoint]
    assert reasons('Cost', run) == [None, None]
    assert reasons('Environment', run) == [
        no_metrics,
        f'{run_dir} holds no log (*/*.log), whose first lines describe the machine.',
    ]
    (overview,) = make_section('Overview', run).blocks
    assert overview.rows == [
        ('folder', str(run_dir)),
        ('config', 'own, seed 3'),
        ('training', no_scalars),
        ('checkpoint', no_checkpoint),
        ('test images', no_metrics),
    ]


@pytest.mark.parametrize(
    'file, section, expected',
    [
        ('metrics.json', 'Metrics', r'own/metrics.json is not a result file of haresreid'),
        ('epoch_10.pth', 'Similarity distributions', r'own/epoch_10.pth cannot be read as a checkpoint .* was cut off'),
        ('ranked_list.png', 'Ranked lists', 'own/ranked_list.png'),
        ('20260102_030405/vis_data/scalars.json', 'Training curves', r'No training loss in .*scalars.json'),
        ('20260102_030405/20260102_030405.log', 'Environment', 'log does not begin with a description of the machine'),
    ],
)
def test_a_file_that_was_cut_off(run_dir, file, section, expected):
    (run_dir / file).write_bytes((run_dir / file).read_bytes()[:40])
    found = [reason for reason in reasons(section, read_run(run_dir)) if reason]
    assert found and all(re.search(expected, reason) and '\n' not in reason for reason in found)


def test_no_images_at_hand(run_dir):
    run = read_run(run_dir, data_root='nowhere')
    random, hardest = reasons('Ranked lists', run)
    assert random is None and 'nowhere' in hardest
    assert all('nowhere' in reason for reason in reasons('Grad-CAM', run) + reasons('t-SNE', run))


def test_a_missing_extra(finished, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None if name == 'sklearn' else find_spec(name))
    (reason,) = reasons('t-SNE', read_run(finished))
    assert reason == 'this needs the package \'sklearn\', which is not installed: pip install -e ".[figures]".'


def test_whatever_goes_wrong_is_a_sentence(finished, monkeypatch, capsys):
    def fail(*_):
        raise RuntimeError('out of memory')

    monkeypatch.setattr('haresreid.report.pictures.draw_tsne', fail)
    run = read_run(finished)
    assert reasons('t-SNE', run) == ['RuntimeError: out of memory.'] and not capsys.readouterr().err
    monkeypatch.setenv('HARESREID_TRACEBACK', '1')
    reasons('t-SNE', run)
    assert 'Traceback' in capsys.readouterr().err


def test_config_beside_its_base(run_dir, tmp_path):
    source = tmp_path / 'source.py'
    folder = tmp_path / 'configs'
    folder.symlink_to(ROOT / 'configs')
    source.write_text(
        'from mmengine.config import read_base\nwith read_base():\n'
        '    from .configs.haresformer_synth import *\n'
        'randomness.seed = 3\n'
    )
    (table,) = make_section('Config', read_run(run_dir, source)).blocks
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows['randomness.seed'] == ('0', '3', 'config')
    assert rows['optim_wrapper.optimizer.lr'] == ('0.004', '0.5', 'run')
    assert rows['test_dataloader.dataset.type'] == ('SynthVIReID', 'ManifestDataset', 'run')
    assert 'model.head.add' not in rows and 'dataset.type' not in rows and 'work_dir' not in rows
    assert table.caption.startswith(f'Base: {folder}/haresformer_synth.py. Set by the config: as {source} says now.')


def test_a_run_whose_branches_were_not_logged(run_dir):
    scalars = run_dir / '20260102_030405/vis_data/scalars.json'
    scalars.write_text(scalars.read_text().replace('branches/', 'twigs/'))
    with pytest.raises(ValueError, match='scalars.json holds no branches/..., which BranchHook logs'):
        list(branch_curves(read_run(run_dir)))


def test_another_model_than_haresformer(run_dir):
    cfg = Config.fromfile(run_dir / 'own.py')
    cfg.model = dict(
        type='haresreid.models.VIReID',
        backbone=dict(type='haresreid.models.TwoStreamResNet', depth=18, base_channels=8),
        head=dict(type='haresreid.models.BNNeckHead', num_classes=4, in_channels=64),
    )
    cfg.dump(run_dir / 'own.py')
    table, chart = make_section('Cost', read_run(run_dir)).blocks
    rows = {name: tuple(int(cell.replace(',', '')) for cell in cells) for name, *cells in table.rows}
    # 96 x 48 images, halved by the stem: 48 * 24 places, 7 * 7 * 3 products for each of 8 channels
    assert rows['conv1'] == (48 * 24 * 8 * 147, 8 * 147)
    assert list(rows) == ['conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4', 'backbone', 'deployed']
    assert rows['backbone'] == tuple(map(sum, zip(*list(rows.values())[:6])))
    # all parameters: also the infrared stem, the batch norms of the neck and the classifier
    assert rows['deployed'][1] == rows['backbone'][1] + (8 * 147 + 16) + 2 * 64 + 4 * 64
    assert isinstance(chart, NotShown) and 'this model has a TwoStreamResNet' in chart.reason
    assert reasons('Branches', read_run(run_dir)) == [
        'The branches are those of HAResformer, and this model has a TwoStreamResNet without transformer encoders.'
    ]


def test_probabilities_of_few_people_are_refused_and_of_more_are_shown(run_dir, monkeypatch):
    title, run = 'Is it the same person?', read_run(run_dir)
    assert reasons(title, run) == ['The features are of 3 people: a calibration needs 10 or more.']
    monkeypatch.setattr('haresreid.evaluation.calibration.fit.MIN_PEOPLE', 2)
    assert reasons(title, run) == [None] * 4
