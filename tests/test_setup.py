"""What a wheel holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import haresreid
from haresreid.apis import list_models
from haresreid.config.config import load_config

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope='module')
def built(tmp_path_factory) -> Path:
    """The package as the wheel has it, without the metadata."""
    folder = tmp_path_factory.mktemp('built')
    subprocess.run(
        [
            sys.executable,
            'setup.py',
            '-q',
            'egg_info',
            f'--egg-base={folder}',
            'build_py',
            f'--build-lib={folder / "lib"}',
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder / 'lib'


def files(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob(pattern)}


def test_code_and_configs_are_complete(built):
    assert [path.name for path in built.iterdir()] == ['haresreid']
    assert files(built / 'haresreid/configs', '*') == {
        name for name in files(ROOT / 'configs', '*') if '__pycache__' not in name
    }
    code = files(built / 'haresreid', '*.py') - {f'configs/{name}' for name in files(ROOT / 'configs', '*.py')}
    assert code == files(ROOT / 'haresreid', '*.py')
    assert not files(built, '__pycache__')


def test_data_of_the_package_are_complete(built):
    """Whatever lies in the package beside the code, the weights above all."""
    data = {name for name in files(ROOT / 'haresreid', '*.*') if not name.endswith(('.py', '.pyc'))}
    assert {'reproduce/paper/tables.json', 'report/page.html'} <= data <= files(built / 'haresreid', '*')


def test_the_page_of_the_package_stands_alone(built):
    metadata, page = (built.parent / 'haresreid.egg-info/PKG-INFO').read_text(encoding='utf-8').split('\n\n', 1)
    assert f'\nVersion: {haresreid.__version__}\n' in metadata and '\nRequires-Dist: torch>=' in metadata
    assert page.startswith('# haresreid') and '](#' in page  # links within the page stay
    assert not re.search(r'\]\((?!https?:|#)', page)


def test_names_work_without_a_clone(built, tmp_path):
    program = (
        f'import sys\nsys.path.insert(0, {str(built)!r})\n'
        'from haresreid.apis.model_names import find_config, list_models\n'
        'print(find_config("agw_synth"), *list_models())'
    )
    done = subprocess.run([sys.executable, '-c', program], cwd=tmp_path, check=True, capture_output=True, text=True)
    config, *names = done.stdout.split()
    assert config == str(built / 'haresreid/configs/baselines/agw_synth.py') and names == list_models()
    assert load_config(config).model == load_config(str(ROOT / 'configs/baselines/agw_synth.py')).model


TOOLS_OF_A_CLONE = """
import runpy, sys
from pathlib import Path
import haresreid
from haresreid.converters.convert import MODEL_CONFIGS
from haresreid.report.facts import _source_of
from haresreid.reproduce.zoo import read_metafiles
package, tools = Path(haresreid.__file__).parent, Path(sys.argv.pop())
assert MODEL_CONFIGS == package / 'configs/_base_/models' and (MODEL_CONFIGS / 'agw.py').is_file()
assert _source_of('agw_synth') == package / 'configs/baselines/agw_synth.py'
assert {metafile.path.parent for metafile in read_metafiles()} == {package / 'configs/metafiles'}
sys.argv[1:] = ['table5', '--dataset', 'synth', '--dry-run']
runpy.run_path(str(tools / 'reproduce.py'), run_name='__main__')
sys.argv[1:] = ['lines']
runpy.run_path(str(tools / 'model_zoo.py'), run_name='__main__')
print(package)
"""


def test_tools_of_a_clone_run_with_an_installed_package(built, tmp_path):
    """From any folder, with the configs of the package; nothing is written."""
    done = subprocess.run(
        [sys.executable, '-c', TOOLS_OF_A_CLONE, str(ROOT / 'tools')],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=str(built)),
    )
    assert 'haresformer_synth_short_h2_l1, seed 0' in done.stdout and '| HAResformer |' in done.stdout
    assert done.stdout.splitlines()[-1] == str(built / 'haresreid') and not list(tmp_path.iterdir())


def test_an_editable_install_has_no_configs_of_its_own():
    """Names would then not find what the user changed."""
    assert not (ROOT / 'haresreid/configs').exists()
