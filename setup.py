"""Puts the configs into the package, and the README onto its page; pyproject.toml has everything else."""

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


def package_page() -> str:
    """The README as a page of its own: of links to files of the repository the words stay, and pictures go."""
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    text = re.sub(r'!\[[^]]*\]\((?!https?:)[^)]*\)\n+(\*[^*\n]+\*\n+)?', '', text)  # with its caption
    return re.sub(r'\[([^]]*)\]\((?!https?:|#)[^)]*\)', r'\1', text)


class BuildWithConfigs(build_py):
    """Copies configs/ and model-index.yml into the built package, so that models have names without a clone.

    An editable install reads the repository's own, which users change.
    """

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            folder = Path(self.build_lib, 'haresreid', 'configs')
            shutil.rmtree(folder, ignore_errors=True)  # of an earlier build
            shutil.copytree(ROOT / 'configs', folder, ignore=shutil.ignore_patterns('__pycache__'))
            shutil.copy(ROOT / 'model-index.yml', folder.parent)


setup(
    long_description=package_page(),
    long_description_content_type='text/markdown',
    cmdclass={'build_py': BuildWithConfigs},
)
