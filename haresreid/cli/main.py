"""The command ``haresreid``, whose first argument names a subcommand. It imports nothing slow."""

import difflib
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from haresreid import __version__

from .errors import clear_errors

__all__ = ['COMMANDS', 'main', 'run_tool']

COMMANDS = (
    'train',
    'adapt',
    'test',
    'splits',
    'evaluate',
    'table',
    'board',
    'compare',
    'failures',
    'robustness',
    'transfer',
    'calibrate',
    'report',
    'draw',
    'branches',
    'parts',
    'reproduce',
    'sweep',
    'flops',
    'scaling',
    'check',
    'synvi',
    'search',
    'demo',
    'export',
    'publish',
    'hub',
    'convert',
)


def main() -> None:
    """Run the command that the first argument of this process names.

    Raises:
        SystemExit: If there is no such command, or the user's input is at fault; the message is one sentence.
    """
    name, *rest = sys.argv[1:] or ['--help']
    if name in ('-h', '--help'):
        print(_overview())
    elif name == '--version':
        print(f'haresreid {__version__}')
    elif name in COMMANDS:
        _run(name, rest, f'haresreid {name}')
    else:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f'did you mean {near[0]!r}?' if near else f'there are {", ".join(COMMANDS)}'
        sys.exit(f'error: there is no command {name!r}; {hint}')


def run_tool(name: str) -> None:
    """Run a command as the script in ``tools/`` that this process was started with."""
    _run(name, sys.argv[1:], f'python {sys.argv[0]}')


def _run(name: str, arguments: Sequence[str], prog: str) -> None:
    command = _command(name)
    description = command.__doc__.replace(f'haresreid {name}', prog)
    parser = ArgumentParser(prog=prog, description=description, formatter_class=RawDescriptionHelpFormatter)
    command.add_arguments(parser)
    parse_args = getattr(command, 'parse_args', ArgumentParser.parse_args)
    with clear_errors():
        command.main(parse_args(parser, arguments))


def _command(name: str) -> ModuleType:
    return import_module(f'haresreid.cli.commands.{name}')


def _overview() -> str:
    lines = [f'  {name:<10} {_command(name).__doc__.splitlines()[0]}' for name in COMMANDS]
    return '\n'.join(
        [
            'usage: haresreid COMMAND [arguments]',
            '',
            'Visible-infrared person re-identification.',
            '',
            *lines,
            '',
            'haresreid COMMAND --help says what a command takes; haresreid --version says which release this is.',
        ]
    )
