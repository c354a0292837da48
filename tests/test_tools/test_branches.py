"""tools/analysis/branches.py, in this process, on a drawn data set and a model with random weights."""

import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from haresreid.apis import extract_feature_set, load_trained
from haresreid.config.config import load_config
from haresreid.evaluation import evaluate, protocol_by_name
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the tool on a narrow model of six people and gives what it printed and wrote."""
    monkeypatch.chdir(tmp_path)
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    cfg.model.backbone.encoder.base_channels = 8
    cfg.model.head.update(num_classes=2, stage_channels=(8, 16, 32, 64))
    cfg.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    cfg.train_dataloader.update(batch_size=8)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].update(num_workers=0, persistent_workers=False)
        cfg[name].dataset.update(num_ids=(2, 0, 4), images_per_camera=1, data_root='data')
    cfg.dump('narrow.py')
    init_default_scope('haresreid')
    torch.manual_seed(0)
    weights = MODELS.build(cfg.model).state_dict()
    for output in ('cls', 'patch'):
        weights[f'backbone.transformers.3.{output}_out_norm.weight'].zero_()
    torch.save({'state_dict': weights}, 'narrow.pth')
    torch.save(
        {'state_dict': {key: value for key, value in weights.items() if 'classifier' not in key}}, 'published.pth'
    )

    def run_tool(checkpoint: str) -> tuple[str, dict]:
        monkeypatch.setattr(sys, 'argv', ['branches.py', 'narrow.py', checkpoint, '--out', f'out/{checkpoint[:-4]}'])
        runpy.run_path(str(ROOT / 'tools/analysis/branches.py'), run_name='__main__')
        return capsys.readouterr().out, json.loads(Path(f'out/{checkpoint[:-4]}.json').read_text())

    return run_tool


def test_it_prints_what_it_writes(run):
    printed, written = run('narrow.pth')
    assert written['stages'][3]['cls_spread'] == written['stages'][3]['patch_spread'] == 0
    assert written['stages'][0]['patch_spread'] > 0.1
    tokens = written['stages'][1]['tokens']
    assert f'{tokens["rms"]:.3g}' in printed and f'{tokens["spread"]:.3g} ({tokens["common"]:.3g})' in printed
    assert all(stage['re'] > 0 and stage['te'] > 0 for stage in written['gradients'][:3])
    assert Path('out/narrow.png').is_file() and Path('out/narrow.svg').is_file()

    as_trained = evaluate(
        extract_feature_set(*load_trained('narrow.py', 'narrow.pth'), 'narrow.pth'), protocol_by_name('sysu/all')
    )
    rows = written['retrieval']['sysu/all']
    assert rows['as trained']['mean_ap'] == pytest.approx(100 * as_trained.mean('mAP'))
    assert list(rows) == ['as trained', 'class tokens held', 'patch maps held', 'both held']

    printed, published = run('published.pth')
    assert published['gradients'] is None and 'gradient' not in printed
    assert published['retrieval'] == written['retrieval']


def test_what_is_there_is_kept(run):
    Path('out').mkdir()
    Path('out/narrow.json').write_text('dear to the user')
    with pytest.raises(SystemExit, match='narrow.json is there already'):
        run('narrow.pth')
    assert Path('out/narrow.json').read_text() == 'dear to the user'
