from pathlib import Path

import pytest

from haresreid.files.paths import CONFIG_ROOT, CONFIGS, expand_home, from_here


@pytest.fixture
def home(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv('HOME', str(tmp_path))
    return str(tmp_path)


def test_the_home_folder_is_put_in_the_place_of_a_tilde(home):
    assert expand_home('~') == home
    assert expand_home('~/runs/a.npz') == f'{home}/runs/a.npz'
    assert expand_home(Path('~/runs')) == f'{home}/runs'


@pytest.mark.parametrize('text', ['', 'runs/a', '/a/~/b', './~', 'https://example.org/~me/a.pth', 'haresformer_synth'])
def test_any_other_text_stays_as_it_is(home, text):
    assert expand_home(text) == text


def test_a_home_folder_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match=r'no home folder ~nobody-here; .* write \./~nobody-here/runs'):
        expand_home('~nobody-here/runs')


def test_configs_are_where_their_root_says(home):
    assert (CONFIGS / 'haresformer_synth.py').is_file()
    assert (CONFIG_ROOT / 'configs/baselines/agw_synth.py').is_file()


def test_a_path_below_the_working_directory_is_named_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert from_here(tmp_path / 'run' / 'metrics.json') == Path('run/metrics.json')
    assert from_here(tmp_path.parent / 'elsewhere') == tmp_path.parent / 'elsewhere'
    assert from_here('run') == Path('run')
