"""What holds of the command line of every tool: it answers at once, and takes ~ for the home folder."""

import runpy
import subprocess
import sys
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'tools').rglob('*.py'))
BENCHMARKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'benchmarks').glob('*.py'))
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
    'skimage',
    'sklearn',
    'torch',
    'torchvision',
}
# text that names no file
NO_PATHS = {
    '--allow-host',
    '--cfg-options',
    '--dataset',
    '--device',
    '--host',
    '--layers',
    '--names',
    '--pattern',
    '--protocol',
    '--protocols',
    '--rows',
    '--since',
    '--until',
    'tables',
}
CHILD = """
import resource, runpy, sys
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as end:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(end.code or 0, f'{used.ru_utime + used.ru_stime:.2f}', *{name.split('.')[0] for name in sys.modules})
"""


def ask(tool: str, *arguments: str) -> tuple[int, set[str], str]:
    """The exit status, the modules that were imported until then, and what was said."""
    done = subprocess.run([sys.executable, '-c', CHILD, str(ROOT / tool), *arguments], capture_output=True, text=True)
    *said, last = done.stdout.splitlines()
    status, seconds, *modules = last.split()
    print(f'{tool} {" ".join(arguments)}: {seconds} s of processor time')
    return int(status), set(modules), '\n'.join(said) + done.stderr


@pytest.mark.parametrize('tool', TOOLS)
def test_help_imports_nothing_that_takes_long(tool):
    status, modules, said = ask(tool, '--help')
    assert status == 0 and said.startswith('usage: ')
    assert not modules & SLOW


@pytest.mark.parametrize(
    'tool, arguments, sentence',
    [
        ('tools/train.py', ('x.py', '--launcher', 'ssh'), "argument --launcher: invalid choice: 'ssh'"),
        ('tools/test.py', ('x.py', 'x.pth', '--cfg-options', 'a=1', '--rerank', 'aqe2'), "invalid choice: 'aqe2'"),
        ('tools/search.py', ('query', 'gallery', '--tpo', '3'), 'unrecognized arguments: --tpo'),
        ('tools/dataset/make_synvi.py', ('x', '--level', 'hard'), "argument --level: invalid choice: 'hard'"),
        (
            'tools/train.py',
            ('~nobody-here/x.py',),
            'argument config: ~nobody-here/x.py: there is no home folder ~nobody-here',
        ),
    ],
)
def test_a_wrong_option_is_refused_as_fast(tool, arguments, sentence):
    status, modules, said = ask(tool, *arguments)
    assert status == 2 and sentence in said
    assert not modules & SLOW


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
