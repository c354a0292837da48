"""tools/analysis/parts.py, in this process, on a drawn data set and models with random weights."""

import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from haresreid.config.config import load_config
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Writes narrow weights of a method, runs the tool on them, and gives what it printed and wrote."""
    monkeypatch.chdir(tmp_path)
    init_default_scope('haresreid')

    def run_tool(method: str, *arguments: str) -> tuple[str, dict]:
        cfg = load_config(str(ROOT / f'configs/baselines/{method}_synth.py'))
        cfg.model.backbone.pretrained = None
        cfg.model.head.num_classes = 2
        for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
            cfg[name].update(num_workers=0, persistent_workers=False)
            cfg[name].dataset.update(num_ids=(2, 0, 4), images_per_camera=1, data_root='data')
        cfg.train_dataloader.sampler.update(num_ids=2, num_instances=2)
        del cfg.train_dataloader.batch_size  # it follows from the sampler
        cfg.dump('narrow.py')
        torch.manual_seed(0)
        torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, 'narrow.pth')
        command = ['parts.py', 'narrow.py', 'narrow.pth', *arguments, '--out', 'out/parts.json']
        monkeypatch.setattr(sys, 'argv', command)
        runpy.run_path(str(ROOT / 'tools/analysis/parts.py'), run_name='__main__')
        return capsys.readouterr().out, json.loads(Path('out/parts.json').read_text())

    return run_tool


def test_it_prints_what_it_writes(run):
    names = ['backbone.layer4', 'head.pooling', 'head.pooling']
    printed, written = run('nfs', *names)
    rows = written['retrieval']['sysu/all']
    assert list(rows) == ['as trained', 'backbone.layer4', 'head.pooling', 'all held']
    # behind a constant, all galleries are equally good
    assert rows['head.pooling'] == rows['backbone.layer4'] == rows['all held'] != rows['as trained']
    lost = rows['as trained']['mean_ap'] - rows['head.pooling']['mean_ap']
    assert f'{rows["head.pooling"]["mean_ap"]:.2f}' in printed and f'{lost:.2f}' in printed
    assert 0 < written['gradients']['backbone.layer4'] < 1 and written['gradients']['head.pooling'] is None
    assert all(0 < spread < 1 for spread in written['spreads'].values())

    with pytest.raises(SystemExit, match='parts.json is there already: add --overwrite'):
        run('nfs', *names)


def test_what_a_residual_part_adds(run):
    _, written = run('agw', 'backbone.layer3.non_local_0', '--added')
    assert list(written['retrieval']['sysu/all']) == ['as trained', 'backbone.layer3.non_local_0'], 'all is this one'
    assert written['spreads']['backbone.layer3.non_local_0'] == 0, 'the block begins as an identity'


def test_a_model_that_takes_turns_has_no_shares(run):
    printed, written = run('jsia', 'backbone.layer4.1')
    assert written['gradients'] is None and '–' in printed


@pytest.mark.parametrize(
    'names, message',
    [
        (['backbone.layer5'], "there is no part 'backbone.layer5': backbone has conv1, "),
        (['criterion'], 'criterion cannot be held at its mean: it is not called when images are tested'),
        (['backbone', '--added'], 'backbone cannot be held at its mean: what it returns has not the shape'),
    ],
)
def test_what_cannot_be_measured_is_refused(names, message, run):
    with pytest.raises(SystemExit, match=message):
        run('nfs', *names)
    assert not Path('out/parts.json').exists()
