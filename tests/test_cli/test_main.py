"""The program of a process of its own; what holds of every command is in tests/test_tools/test_command_lines.py."""

import os
import subprocess
import sys

import haresreid
from haresreid.files.paths import PACKAGE, PROGRAM


def test_a_process_of_its_own_imports_this_package_whatever_lies_around(tmp_path):
    """The working directory holds another haresreid, and modules called like parts of this one."""
    for module in ('haresreid', 'config', 'registry', 'test'):
        (tmp_path / f'{module}.py').write_text('raise ImportError("of the working directory")')
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), '--version'], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout == f'haresreid {haresreid.__version__}\n' and not done.stderr


def test_the_package_is_run_by_its_name():
    done = subprocess.run(
        [sys.executable, '-m', 'haresreid'], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith('usage: haresreid COMMAND')
