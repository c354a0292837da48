from pathlib import Path

import pytest

from haresreid.config.config import load_config
from haresreid.files.paths import CONFIGS

SHIPPED = CONFIGS / 'baselines/agw_synth.py'


@pytest.fixture
def write(tmp_path):
    def write(name: str, text: str) -> str:
        Path(tmp_path, name).write_text(text)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize(
    'text',
    [
        f'_base_ = [{str(SHIPPED)!r}]',
        f'_base_ = {str(SHIPPED)!r}\nmodel = dict(flip_test=True)',
        f'from haresreid.models import IDLoss\n_base_ = [{str(SHIPPED)!r}]',
    ],
)
def test_a_base_that_is_imported_is_refused_with_the_lines_to_write(write, text):
    with pytest.raises(ValueError, match=r'mine\.py names agw_synth\.py as its _base_, which is inherited') as refusal:
        load_config(write('mine.py', text))
    lines = str(refusal.value).split('"')[1::2]
    assert lines[1] == 'with read_base(): from haresreid.configs.baselines.agw_synth import *'
    assert load_config(write('instead.py', '\n'.join(lines))).model == load_config(str(SHIPPED)).model


def test_so_is_one_of_the_users_own(write):
    lines = (
        'from mmengine.config import read_base',
        'with read_base(): from haresreid.configs.haresformer_synth import *',
    )
    write('own.py', '\n'.join(lines))
    with pytest.raises(ValueError, match=r'with read_base\(\): from \.own import \*'):
        load_config(write('mine.py', "_base_ = ['./own.py']"))


def test_a_base_further_up_is_found_too(write):
    write('between.py', f'_base_ = [{str(SHIPPED)!r}]')
    with pytest.raises(ValueError, match=r'inherited by import: write .*read_base'):
        load_config(write('mine.py', "_base_ = ['./between.py']"))
