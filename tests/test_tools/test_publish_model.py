import json
import re
import runpy
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from haresreid.apis import init_model
from haresreid.config.config import config_hash, load_config
from haresreid.config.model_parts import model_parts, model_settings
from haresreid.deploy.publish import describe
from haresreid.files.checkpoint_file import read_checkpoint
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / 'configs/haresformer_synth.py')


@pytest.fixture(scope='module')
def state_dict() -> dict:
    init_default_scope('haresreid')
    torch.manual_seed(0)
    return MODELS.build(load_config(CONFIG).model).to(memory_format=torch.channels_last).state_dict()


@pytest.fixture
def publish(state_dict, tmp_path, monkeypatch):
    """``publish(*options)`` publishes the checkpoint of a training, as its user would."""
    monkeypatch.chdir(tmp_path)
    Path('run').mkdir()
    load_config(CONFIG).dump('run/haresformer_synth.py')
    torch.save(
        dict(
            state_dict=state_dict,
            optimizer=dict(state=torch.zeros(10**6)),
            message_hub={},
            meta=dict(epoch=7, seed=3, dataset_meta=dict(dataset='SynVI'), cfg='a = 1'),
        ),
        'run/epoch_7.pth',
    )

    def run(*options: str) -> None:
        monkeypatch.setattr(sys, 'argv', ['publish_model.py', 'run/epoch_7.pth', 'narrow', *options])
        runpy.run_path(str(ROOT / 'tools/publish_model.py'), run_name='__main__')

    return run


def test_both_files_hold_weights_and_their_origin_and_are_called_by_their_content(publish, state_dict, capsys):
    publish()
    out = capsys.readouterr().out
    files = sorted(Path().glob('narrow-*'), key=lambda file: file.suffix)
    assert [file.suffix for file in files] == ['.pth', '.safetensors'] and len(list(Path().iterdir())) == 3
    for file in files:
        digest = sha256(file.read_bytes()).hexdigest()
        assert file.stem == f'narrow-{digest[:8]}' and f'{file}: ' in out and f'SHA-256 {digest}\n' in out
        assert file.stat().st_size < 1.1 * sum(value.nbytes for value in state_dict.values()) + 10**5
        found = read_checkpoint(file)
        assert found['meta'] == dict(
            config=dict(name='haresformer_synth', hash=config_hash(load_config(CONFIG))),
            checkpoint=dict(name='epoch_7.pth', sha256=sha256(Path('run/epoch_7.pth').read_bytes()).hexdigest()[:16]),
            haresreid='0.1.0',
            parts=model_parts(load_config(CONFIG).model),
            settings=model_settings(load_config(CONFIG).model),
            epoch=7,
            seed=3,
            dataset_meta=dict(dataset='SynVI'),
        )
        loaded = init_model(CONFIG, str(file)).state_dict()
        assert all(torch.equal(loaded[name], value) for name, value in state_dict.items())


def test_a_meta_of_more_than_plain_values_is_named():
    checkpoint = dict(meta=dict(dataset_meta=dict(dataset=torch.ones(2))))
    with pytest.raises(ValueError, match='odd.pth cannot be published, since its meta holds more than plain values'):
        describe('odd.pth', checkpoint, load_config(CONFIG))


def test_the_classifier_can_stay_behind(publish):
    publish('--drop-classifier')
    for file in Path().glob('narrow-*'):
        names = read_checkpoint(file)['state_dict']
        assert 'head.bnneck.weight' in names or any(name.startswith('head.') for name in names)
        assert not any(name.startswith('head.classifier') for name in names)
        init_model(CONFIG, str(file))


def test_figures_go_along_when_they_are_its_own(publish):
    row = dict(mean=dict(R1=0.5))
    Path('metrics.json').write_text(
        json.dumps(
            dict(
                protocols={'sysu/all': dict(ours=row, chance=dict(mean=dict(R1=0.1)))},
                data=dict(fingerprint='ab'),
                config=dict(name='haresformer_synth', hash=config_hash(load_config(CONFIG))),
            )
        )
    )
    publish('--metrics', 'metrics.json')
    meta = read_checkpoint(next(Path().glob('*.safetensors')))['meta']
    assert meta['metrics'] == {'sysu/all': row} and meta['data'] == dict(fingerprint='ab')

    content = json.loads(Path('metrics.json').read_text())
    Path('metrics.json').write_text(json.dumps(dict(content, checkpoint=dict(name='epoch_6.pth', sha256='00'))))
    with pytest.raises(SystemExit, match='has the figures of another checkpoint .*epoch_6.pth'):
        publish('--metrics', 'metrics.json')


def test_another_config_is_refused_before_anything_is_written(publish):
    with pytest.raises(SystemExit, match='is of another architecture'):
        publish('--config', str(ROOT / 'configs/baselines/agw_synth.py'))
    Path('run/second.py').touch()
    with pytest.raises(SystemExit, match='run holds 2 configs: say with --config'):
        publish()
    assert not [file for file in Path().iterdir() if re.match('narrow', file.name)]


@pytest.mark.parametrize('name', ['model.pth', 'model.safetensors'])
def test_a_name_with_a_suffix_is_refused_since_both_files_are_written(publish, name, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['publish_model.py', 'run/epoch_7.pth', name])
    with pytest.raises(SystemExit, match=f'{name}: both .* give the name without a suffix'):
        runpy.run_path(str(ROOT / 'tools/publish_model.py'), run_name='__main__')


def test_the_config_beside_a_checkpoint_is_not_executed(publish):
    Path('run/haresformer_synth.py').write_text("import os\nos.mkdir('executed')\nmodel = dict(type='VIReID')\n")
    with pytest.raises(SystemExit, match='haresformer_synth.py is not read'):
        publish()
    assert not Path('executed').exists() and not list(Path().glob('narrow-*'))
