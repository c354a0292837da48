"""The packages of haresreid import one another in one direction."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / 'haresreid'
PAGE = PACKAGE.parent / 'docs/en/advanced_guides/architecture.md'
# each imports only from those before it
ROOMS = (
    'registry',
    'catalogue',
    'choices',
    'lazy',
    'files',
    'config',
    'compat',
    'structures',
    'video',
    'synvi',
    'datasets',
    'evaluation',
    'clustering',
    'models',
    'checking',
    'costs',
    'apis',
    'analysis',
    'visualization',
    'engine',
    'report',
    'search',
    'demo',
    'deploy',
    'converters',
    'reproduce',
    'cli',
    '__main__',
)


def imports(source: str, package: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Every name that a module imports, in full, those imported inside functions included.

    Args:
        source: Its text.
        package: The package that it is in, which relative imports start from.
    """
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {tuple(alias.name.split('.')) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = tuple(node.module.split('.')) if node.module else ()
            names |= {(*start, *module, alias.name) for alias in node.names}
    return names


def rooms_imported(file: Path) -> set[str]:
    package = ('haresreid', *file.relative_to(PACKAGE).parts[:-1])
    found = imports(file.read_text(encoding='utf-8'), package)
    return {name[1] for name in found if name[0] == 'haresreid' and len(name) > 1} & set(ROOMS)


@pytest.mark.parametrize('room', ROOMS)
def test_no_import_runs_upward(room):
    files = sorted((PACKAGE / room).rglob('*.py')) or [PACKAGE / f'{room}.py']
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    upward = {str(file.relative_to(PACKAGE)): sorted(rooms_imported(file) & above) for file in files}
    assert not {file: rooms for file, rooms in upward.items() if rooms}


def test_every_room_has_its_place():
    there = {file.relative_to(PACKAGE).parts[0].removesuffix('.py') for file in PACKAGE.rglob('*.py')}
    assert there - {'__init__'} == set(ROOMS)


def test_the_page_shows_the_same_order():
    block = PAGE.read_text(encoding='utf-8').split('## The rooms')[1].split('```')[1].removeprefix('text')
    assert tuple(block.replace('<', ' ').split()) == ROOMS


def test_imports_are_found_wherever_they_stand():
    source = 'import haresreid.apis\nfrom ...models import losses\ndef f():\n    from . import b\n    import haresreid'
    assert imports(source, ('haresreid', 'engine', 'hooks')) == {
        ('haresreid', 'apis'),
        ('haresreid', 'models', 'losses'),
        ('haresreid', 'engine', 'hooks', 'b'),
        ('haresreid',),
    }
