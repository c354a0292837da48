from argparse import ArgumentParser, ArgumentTypeError

import pytest

from haresreid.cli.arguments import add_config, config_path
from haresreid.files.paths import CONFIGS


@pytest.mark.parametrize('name', ['haresformer_synth', 'agw_sysu_paper', 'resnet18_synvi'])
def test_a_name_is_a_config_that_comes_with_the_package(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = config_path(name)
    assert path.startswith(str(CONFIGS)) and path.endswith(f'/{name}.py')


@pytest.mark.parametrize('path', ['own.py', 'configs/own', './own', 'own.yml'])
def test_a_path_is_a_file_which_the_command_looks_for(path):
    assert config_path(path) == path


def test_a_wrong_name_is_told_with_the_nearest():
    with pytest.raises(
        ArgumentTypeError, match="no model is called 'haresformer_sinth': did you mean 'haresformer_syn"
    ):
        config_path('haresformer_sinth')


def test_a_second_variant_is_refused(capsys):
    parser = ArgumentParser()
    add_config(parser)
    assert parser.parse_args(['own.py', '--variant', 'aux_s14']).variant == 'aux_s14'
    with pytest.raises(SystemExit):
        parser.parse_args(['own.py', '--variant', 'aux_s14', '--variant', 'no_hgae'])
    assert '--variant is given twice: aux_s14 and no_hgae' in capsys.readouterr().err
