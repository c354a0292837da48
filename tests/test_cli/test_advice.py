"""An error never advises an option that the command at hand does not take."""

import ast
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from haresreid.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
TRAIN = ['train']
TEST = ['test', 'splits']
# module of haresreid whose sentences name options -> the commands that can show them; a module of a command is shown by
# that one. A sentence for more than these says in which command the option stands ("a training goes on with --resume"),
# and is listed in SCOPED.
SHOWN_BY = {
    'engine/hooks/non_finite_hook': TRAIN,
    'engine/hooks/atomic_checkpoint_hook': TRAIN,
    'engine/optim_wrappers/bf16_optim_wrapper': TRAIN,
    'cli/outputs': ['board', 'branches', 'calibrate', 'convert', 'draw', 'failures', 'parts', 'report', 'scaling'],
    'cli/starting_point': TRAIN,
    'cli/work_dir': TRAIN,
    'cli/rank_variables': [*TRAIN, *TEST],
    'config/config': [*TRAIN, *TEST, 'reproduce'],
    'evaluation/tables': ['table'],
    'evaluation/external_arrays': ['evaluate'],
    'evaluation/protocols/by_name': [*TEST, 'evaluate', 'draw'],
    'report/run': ['report'],
    'report/facts': ['report'],
    'reproduce/figures': ['reproduce'],
    'reproduce/cluster': ['reproduce'],
    'reproduce/lock': ['reproduce', 'sweep'],
    'reproduce/methods': ['reproduce'],
    'reproduce/plan': ['reproduce'],
    'reproduce/runs': ['reproduce', 'sweep'],
    'reproduce/sweep': ['sweep'],
    'search/index_model': ['search'],
    **{f'cli/commands/{command}': [command] for command in COMMANDS},
    'visualization/sources': ['draw'],
    'deploy/publish': ['publish'],
    'converters/convert': ['convert'],
}
SCOPED = {
    'cli/main': 'haresreid COMMAND --help says what a command takes; haresreid --version',
    'evaluation/split_runs': 'Train them (haresreid train --split K)',
    'datasets/transforms/load_reid_image': 'an interrupted training goes on with --resume',
    'cli/errors': 'A training goes on from its last checkpoint with --resume',
}
SPEAKERS = {'print_log', 'warn', 'warning', 'info', 'exit'}


@cache
def advice() -> dict[str, set[str]]:
    """The options that each module's errors, warnings and returned sentences name."""
    found = {}
    for file in sorted((ROOT / 'haresreid').rglob('*.py')):
        tree = ast.parse(file.read_text(encoding='utf-8'))
        spoken = [
            node
            for statement in ast.walk(tree)
            if _speaks(statement)
            for node in ast.walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        options = {option for node in spoken for option in re.findall(r'--([a-z][a-z-]+)', node.value)}
        if options:
            found[file.relative_to(ROOT / 'haresreid').with_suffix('').as_posix()] = options
    return found


def _speaks(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return getattr(node.func, 'attr', getattr(node.func, 'id', '')) in SPEAKERS
    return isinstance(node, (ast.Raise, ast.Return))


def taken_by(command: str) -> set[str]:
    parser = ArgumentParser()
    import_module(f'haresreid.cli.commands.{command}').add_arguments(parser)
    return set(options_of(parser))


def options_of(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (option.removeprefix('--') for option in action.option_strings)
        if isinstance(action, _SubParsersAction):
            for part in action.choices.values():
                yield from options_of(part)


@pytest.mark.parametrize('module', sorted(advice()))
def test_options_are_those_of_the_commands_that_can_show_the_sentence(module):
    if module in SCOPED:
        assert SCOPED[module] in (ROOT / 'haresreid' / f'{module}.py').read_text(encoding='utf-8')
        return
    lacking = {command: advice()[module] - taken_by(command) for command in SHOWN_BY.get(module, COMMANDS)}
    if module in SHOWN_BY:
        assert not any(lacking.values()), lacking
    else:  # a module that nobody has entered above: some command must take it all
        assert not all(lacking.values()), f'{module} names {advice()[module]}, which no command takes'


def test_the_list_is_no_longer_than_the_advice():
    of_commands = {f'cli/commands/{command}' for command in COMMANDS}
    assert (set(SHOWN_BY) - of_commands) | set(SCOPED) <= set(advice())
