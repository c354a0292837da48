"""The documentation builds without a warning: no dead link, no unlisted page, no docstring that does not parse."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_builds_without_a_warning(tmp_path):
    for package in ('sphinx', 'furo', 'myst_parser'):
        pytest.importorskip(package)
    build = [sys.executable, '-m', 'sphinx', '-W', '--keep-going', '-q', 'docs/en', str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'api' / 'models.html').exists()
