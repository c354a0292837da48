"""The config in the folder of a run is read, never run."""

from pathlib import Path

import pytest

from haresreid.config.config import config_hash, load_config
from haresreid.config.config_data import read_config_data, refuse_foreign

CONFIGS = Path(__file__).parents[2] / 'configs'
SOME = [
    'haresformer_synth.py',
    'haresformer_sysu.py',
    'pretrain/resnet18_synvi.py',
    'haresformer_synth_short.py',
    'baselines/hc_tri_llcm_paper.py',
    'baselines/hc_synth.py',
    'baselines/caj_regdb_unified.py',
    'baselines/agw_sysu_paper.py',
    'baselines/pmt_synth.py',
    'baselines/hicmd_synth.py',
]


@pytest.fixture
def dumped(tmp_path) -> Path:
    load_config(str(CONFIGS / SOME[0])).dump(tmp_path / 'dumped.py')
    return tmp_path / 'dumped.py'


@pytest.mark.parametrize('name', SOME)
def test_a_dump_is_read_as_it_was(name, tmp_path):
    cfg = load_config(str(CONFIGS / name))
    cfg.dump(tmp_path / 'dumped.py')
    found = read_config_data(tmp_path / 'dumped.py')
    assert found.to_dict() == load_config(str(tmp_path / 'dumped.py')).to_dict()
    refuse_foreign(found)
    assert config_hash(found) == config_hash(cfg) and found.filename == str(tmp_path / 'dumped.py')


@pytest.mark.parametrize(
    'code',
    [
        "import os\nos.mkdir('{marker}')",
        "x = __import__('os').mkdir('{marker}')",
        "x = [__import__('os').mkdir('{marker}')]",
        "x = dict(a=open('{marker}', 'w'))",
        "x = dict(**__import__('os').environ)",
        'x = {{**{{}}}}',
        "x = f'{{open(chr(47))}}'",
        "class A:\n    open('{marker}', 'w')",
        'x = y = 1',
        'from mmengine.config import read_base\nwith read_base():\n    from .other import *',
        'x = (',
        'x = ' + '[' * 2000,
        'text = 1',
        "model = dict(type='os.mkdir', path='{marker}')",
        "model = dict(type='haresreid.files.files.write_json', path='{marker}', content=1)",
        "model = dict(type='haresreid.models.Nothing')",
        "model = dict(type='VIReID', head=[dict(type='builtins.exec', x=1)])",
        "model = dict(type='VIReID', _scope_='evil')",
        "model = dict(type='antigravity')",
        "test_dataloader = dict(dataset=dict(type='mmengine.utils.package_utils.install_package', package='x'))",
        'test_evaluator = dict(type=1)',
    ],
)
def test_code_is_refused_and_not_executed(code, dumped, tmp_path):
    marker = tmp_path / 'executed'
    dumped.write_text(f'{dumped.read_text()}\n{code.format(marker=marker)}\n')
    with pytest.raises(ValueError, match=r'dumped\.py is not read, because it '):
        read_config_data(dumped)
    assert not marker.exists()


def test_what_is_no_text_is_refused(dumped):
    dumped.write_bytes(b'\xff\xfe\x00')
    with pytest.raises(ValueError, match='is not read'):
        read_config_data(dumped)


@pytest.mark.parametrize(
    'entry',
    [
        "custom_hooks = [dict(type='subprocess.Popen', args=['touch', 'executed'])]",
        "default_hooks = dict(timer=dict(type='os.mkdir', name='executed'))",
        "optim_wrapper = dict(constructor='os.mkdir')",
        "custom_imports = dict(imports=['executed'])",
        "_base_ = ['executed.py']",
        "default_scope = 'executed'",
        "experiment_name = '{{$HOME:executed}}'",
        "param_scheduler = [{'type': 'mmengine.registry.utils.import_module'}]",
    ],
)
def test_what_would_run_code_when_it_is_used_is_refused(dumped, entry):
    with open(dumped, 'a') as file:
        file.write(f'\n{entry}\n')
    with pytest.raises(ValueError, match='by which it could run code'):
        refuse_foreign(read_config_data(dumped))
