"""Installs haresreid; the requirement lists live in requirements/."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

EXTRAS = ('demo', 'deploy', 'docs', 'figures', 'optional', 'search', 'tests')
ROOT = Path(__file__).parent


def requirements(name: str) -> list[str]:
    """The lines of requirements/<name>.txt that name a package."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith('#')]


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
    name='haresreid',
    version='0.1.0',
    description='Toolbox for visible-infrared person re-identification: HAResformer and the methods it compares with',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['haresreid', 'haresreid.*']),
    package_data={
        'haresreid': ['weights/*.json', 'weights/*.log', 'weights/*.safetensors'],
        'haresreid.reproduce.paper': ['tables.json'],
        'haresreid.report': ['page.html'],
    },
    cmdclass={'build_py': BuildWithConfigs},
    python_requires='>=3.10',
    entry_points={'console_scripts': ['haresreid = haresreid.cli.main:main']},
    install_requires=requirements('runtime'),
    extras_require={name: requirements(name) for name in EXTRAS},
)
