import hashlib
import json
from pathlib import Path

import pytest

from haresreid.apis import list_models
from haresreid.apis.model_names import CONFIGS, WEIGHTS, find_config, find_trained, find_weights, shipped_models

FOLDERS = ('.', 'baselines', 'context', 'joint', 'robust', 'shipped', 'tracks', 'unsupervised')


def test_names_are_those_of_the_configs(root):
    names = list_models()
    assert CONFIGS == root / 'configs'
    places = [root / 'configs' / place for place in FOLDERS]
    expected = [path.stem for place in places for path in sorted(place.glob('*.py'))]
    assert names == expected and names[0] == 'haresformer_lite_synth'
    assert list_models('agw') == [name for name in expected if name.startswith('agw')]
    assert list_models('_sysu_paper') == [name for name in expected if name.endswith('_sysu_paper')]
    assert not {'loaders', 'agw_recipe_sysu', 'resnet18_synvi'} & set(names)


def test_a_name_is_one_config(root):
    everything = list_models()
    assert len(set(everything)) == len(everything)
    for name in ('haresformer_synth', 'agw_sysu_paper', 'resnet18_synvi'):
        assert find_config(name).stem == name
    assert find_config('configs/haresformer_synth.py') == Path('configs/haresformer_synth.py')


@pytest.mark.parametrize('name', ['loaders', 'agw', 'configs/haresformer_synth', ''])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match=r'no model is called .*list_models\(\) gives all names'):
        find_config(name)


def test_weights_are_found_by_the_name_of_their_config(tmp_path, monkeypatch):
    monkeypatch.setattr('haresreid.apis.model_names.WEIGHTS', tmp_path)
    with pytest.raises(ValueError, match=r'no weights of agw_synth come with haresreid \(they do of none\)'):
        find_weights('agw_synth')
    (tmp_path / 'haresformer_synth.safetensors').write_bytes(b'')
    assert shipped_models() == ['haresformer_synth']
    assert find_weights('haresformer_synth') == tmp_path / 'haresformer_synth.safetensors'
    with pytest.raises(ValueError, match=r'\(they do of haresformer_synth\)'):
        find_weights('agw_synth')


@pytest.mark.parametrize('name', shipped_models())
def test_weights_that_come_with_the_package_are_small_and_described(name):
    content = (WEIGHTS / f'{name}.safetensors').read_bytes()
    described = json.loads((WEIGHTS / f'{name}.json').read_text(encoding='utf-8'))
    assert name in list_models() and len(content) <= 10 * 2**20
    assert described['sha256'] == hashlib.sha256(content).hexdigest()
    assert {'config', 'seed', 'metrics'} <= described.keys()


def test_weights_go_with_the_config_that_they_were_trained_with(root):
    assert find_trained('haresformer_synth') == (
        root / 'configs/haresformer_synth_shipped.py',
        WEIGHTS / 'haresformer_synth.safetensors',
    )
