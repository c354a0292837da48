"""What holds of every command and of every tool: it answers at once, and takes ~ for the home folder."""

import json
import re
import runpy
import subprocess
import sys
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

import haresreid
from haresreid.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
TOOLS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'tools').rglob('*.py'))
PROGRAM = 'haresreid/__main__.py'
BENCHMARKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'benchmarks').glob('*.py'))
ZOO = 'tools/model_zoo.py'  # of a checkout alone: it writes the page of the model zoo
SECONDS = 0.5  # of processor time, for an answer
# each takes longer to import than to read the command line
SLOW = {
    'PIL',
    'cv2',
    'faiss',
    'gradio',
    'matplotlib',
    'mmcv',
    'mmengine',
    'mmpretrain',
    'numpy',
    'onnxruntime',
    'scipy',
    'sklearn',
    'statsmodels',
    'torch',
    'torchvision',
}
# text that names no file
NO_PATHS = {
    '--against',
    '--allow-host',
    '--cfg-options',
    '--dataset',
    '--device',
    '--evaluate',
    '--host',
    '--layers',
    '--license',
    '--metric',
    '--min-probability',
    '--names',
    '--pattern',
    '--protocol',
    '--protocols',
    '--revision',
    '--row',
    '--rows',
    '--since',
    '--sizes',
    '--start',
    '--timezone',
    '--tracks',
    '--until',
    '--user',
    '--variant',
    '--where',
    'parts',
    'tables',
}
CHILD = """
import json, resource, runpy, sys
del sys.argv[0]
end = SystemExit()
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as error:
    end = error
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = f'{used.ru_utime + used.ru_stime:.2f}'
print(json.dumps([end.code or 0, seconds, *{name.split('.')[0] for name in sys.modules}]))
"""


def ask(program: str, *arguments: str) -> tuple[int | str, set[str], str]:
    """The exit status, or the last sentence; the modules that were imported until then, and what was said."""
    done = subprocess.run(
        [sys.executable, '-c', CHILD, str(ROOT / program), *arguments], capture_output=True, text=True
    )
    *said, last = done.stdout.splitlines()
    status, seconds, *modules = json.loads(last)
    print(f'{program} {" ".join(arguments)}: {seconds} s of processor time')
    assert float(seconds) < SECONDS and not set(modules) & SLOW
    return status, '\n'.join(said) + done.stderr


@pytest.mark.parametrize('command', COMMANDS)
def test_help_of_a_command_imports_nothing_that_takes_long(command):
    status, said = ask(PROGRAM, command, '--help')
    assert status == 0 and said.startswith(f'usage: haresreid {command} ')


@pytest.mark.parametrize('tool', TOOLS)
def test_help_of_a_tool_imports_nothing_that_takes_long(tool):
    status, said = ask(tool, '--help')
    line = ' '.join(said.split())  # argparse breaks it after a long path
    assert status == 0 and line.startswith(f'usage: python {ROOT / tool} ' if tool != ZOO else 'usage: ')


@pytest.mark.parametrize('tool', TOOLS)
def test_a_tool_is_short(tool):
    assert len((ROOT / tool).read_text(encoding='utf-8').splitlines()) <= 80


def test_a_tool_is_a_command_and_the_page_lists_both():
    page = (ROOT / 'docs/en/user_guides/commands.md').read_text(encoding='utf-8')
    listed = dict(re.findall(r'^\| `haresreid (\w+)` \| .* \| `(tools/[\w/]+\.py)` \|$', page, re.MULTILINE))
    assert list(listed) == list(COMMANDS) and sorted(listed.values()) == [tool for tool in TOOLS if tool != ZOO]
    for command, tool in listed.items():
        assert f"run_tool('{command}')" in (ROOT / tool).read_text(encoding='utf-8')


def test_the_commands_are_listed():
    status, said = ask(PROGRAM)
    listed = [line.split() for line in said.splitlines() if line.startswith('  ')]
    assert status == 0 and [name for name, *_ in listed] == list(COMMANDS) and all(len(line) > 2 for line in listed)
    assert ask(PROGRAM, '--help') == (0, said)


def test_the_version():
    assert ask(PROGRAM, '--version') == (0, f'haresreid {haresreid.__version__}')


@pytest.mark.parametrize(
    'name, hint', [('trian', "did you mean 'train'?"), ('xyz', f'there are {", ".join(COMMANDS)}')]
)
def test_a_command_that_there_is_not(name, hint):
    assert ask(PROGRAM, name, '--help') == (f'error: there is no command {name!r}; {hint}', '')


@pytest.mark.parametrize(
    'tool, arguments, sentence',
    [
        ('tools/train.py', ('x.py', '--launcher', 'ssh'), "argument --launcher: invalid choice: 'ssh'"),
        ('tools/test.py', ('x.py', 'x.pth', '--cfg-options', 'a=1', '--rerank', 'aqe2'), "invalid choice: 'aqe2'"),
        ('tools/search.py', ('query', 'gallery', '--tpo', '3'), 'unrecognized arguments: --tpo'),
        ('tools/search.py', ('query', 'gallery', '--top', '0'), "argument --top: '0' is no number from 1 up"),
        ('tools/search.py', ('query', 'gallery', '--effort', 'nan'), "argument --effort: 'nan' is no number above 0"),
        ('tools/analysis/compare.py', ('a', 'b', '--show', '0'), "argument --show: '0' is no number above 0"),
        ('tools/dataset/make_synvi.py', ('x', '--level', 'hard'), "argument --level: invalid choice: 'hard'"),
        (
            'tools/train.py',
            ('~nobody-here/x.py',),
            'argument config: ~nobody-here/x.py: there is no home folder ~nobody-here',
        ),
    ],
)
def test_a_wrong_option_is_refused_as_fast(tool, arguments, sentence):
    status, said = ask(tool, *arguments)
    assert status == 2 and sentence in said


class Parsing(BaseException):
    """The command line would be read now, by ``args[0]``."""


def actions(parser: ArgumentParser) -> Iterator[Action]:
    """All options and arguments, of subcommands too."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for command in action.choices.values():
                yield from actions(command)
        elif action.nargs != 0 and action.choices is None:
            yield action


@pytest.mark.parametrize('tool', [*TOOLS, *BENCHMARKS])
def test_whatever_may_be_a_path_expands_the_home_folder(tool, monkeypatch):
    def stop(parser, *args, **kwargs):
        raise Parsing(parser)

    monkeypatch.setenv('HOME', '/home/me')
    for name in ('parse_known_args', 'parse_known_intermixed_args'):
        monkeypatch.setattr(ArgumentParser, name, stop)
    monkeypatch.setattr(sys, 'argv', [tool])
    monkeypatch.syspath_prepend((ROOT / tool).parent)  # as Python does; a benchmark imports another
    with pytest.raises(Parsing) as stopped:
        runpy.run_path(str(ROOT / tool), run_name='__main__')
    for action in actions(stopped.value.args[0]):
        name = action.option_strings[-1] if action.option_strings else action.dest
        if name not in NO_PATHS:
            try:
                value = (action.type or str)('~/x')
            except Exception:
                continue  # a number
            assert str(value) == '/home/me/x', f'{name} of {tool} does not expand ~'
