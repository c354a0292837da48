"""An error never advises an option that the command at hand does not take."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARGUMENTS = ROOT / 'haresreid' / 'utils' / 'arguments.py'
TRAIN = ['train']
TEST = ['test', 'test_splits']
# module of haresreid whose sentences name options -> the tools that can show them. A sentence for more than these says
# in which command the option stands ("a training goes on with --resume"), and is listed in SCOPED.
SHOWN_BY = {
    'engine/hooks/non_finite_hook': TRAIN,
    'engine/hooks/whole_checkpoint_hook': TRAIN,
    'engine/optim_wrappers/bf16_optim_wrapper': TRAIN,
    'utils/starting_point': TRAIN,
    'utils/work_dir': TRAIN,
    'utils/rank_variables': [*TRAIN, *TEST],
    'utils/config': [*TRAIN, *TEST, 'reproduce'],
    'evaluation/tables': ['analysis/make_table'],
    'evaluation/foreign_features': ['evaluate'],
    'evaluation/protocols': [*TEST, 'evaluate', 'analysis/draw'],
    'report/run': ['report'],
    'report/facts': ['report'],
    'reproduce/compare': ['reproduce'],
    'reproduce/runs': ['reproduce'],
    'search/index_model': ['search'],
    'converters/convert': ['converters/convert'],
}
SCOPED = {
    'datasets/transforms/load_reid_image': 'an interrupted training goes on with --resume',
    'utils/errors': 'A training goes on from its last checkpoint with --resume',
}
SPEAKERS = {'print_log', 'warn', 'warning', 'info', 'exit'}


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


def taken_by(tool: str) -> set[str]:
    texts = (ROOT / 'tools' / f'{tool}.py').read_text(encoding='utf-8')
    if 'haresreid.cli.arguments' in texts:
        texts += ARGUMENTS.read_text(encoding='utf-8')
    return set(re.findall(r"'--([a-z][a-z-]+)'", texts))


@pytest.mark.parametrize('module', sorted(advice()))
def test_options_are_those_of_the_tools_that_can_show_the_sentence(module):
    if module in SCOPED:
        assert SCOPED[module] in (ROOT / 'haresreid' / f'{module}.py').read_text(encoding='utf-8')
        return
    tools = ROOT / 'tools'
    every = sorted(file.relative_to(tools).with_suffix('').as_posix() for file in tools.rglob('*.py'))
    lacking = {tool: advice()[module] - taken_by(tool) for tool in SHOWN_BY.get(module, every)}
    if module in SHOWN_BY:
        assert not any(lacking.values()), lacking
    else:  # a module that nobody has entered above: some tool must take it all
        assert not all(lacking.values()), f'{module} names {advice()[module]}, which no tool takes'


def test_the_list_is_no_longer_than_the_advice():
    assert set(SHOWN_BY) | set(SCOPED) <= set(advice())
