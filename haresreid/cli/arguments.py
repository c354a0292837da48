"""Options that several tools share, and types of options. It imports nothing slow, so that --help answers at once."""

import os
from argparse import Action, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from haresreid.apis.model_names import find_config
from haresreid.choices import PROTOCOL_NAMES, RERANKER_NAMES
from haresreid.files.numbers import finite_number, whole_number
from haresreid.files.paths import expand_home

__all__ = [
    'above_zero',
    'add_cfg_options',
    'add_common_arguments',
    'add_config',
    'add_test_arguments',
    'at_least',
    'config_path',
    'key_value',
    'user_path',
]


CONFIG = 'the name of a config, such as haresformer_sysu, or a file'


class Once(Action):
    """Store a value, and refuse a second one, of which argparse would silently take the last."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f'{option_string} is given twice: {getattr(namespace, self.dest)} and {values}; give one')
        setattr(namespace, self.dest, values)


def key_value(text: str) -> str:
    """The type of an option that takes KEY=VALUE; :func:`haresreid.config.config.read_overrides` reads the value."""
    if not text.partition('=')[0] or '=' not in text:
        raise ArgumentTypeError(f'{text!r} is no KEY=VALUE, such as optim_wrapper.optimizer.lr=0.02')
    return text


def user_path(text: str) -> str:
    """The type of an option that takes a path, or a name instead of a path: see :func:`expand_home`."""
    try:
        return expand_home(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def config_path(text: str) -> str:
    """The type of an option that takes a config: a path, or the name of a config that comes with haresreid."""
    path = user_path(text)
    if Path(path).suffix or os.path.dirname(path) or not path:
        return path
    try:
        return str(find_config(path))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def at_least(minimum: int) -> Callable[[str], int]:
    """The type of an option that takes an integer of at least ``minimum``."""

    def read(text: str) -> int:
        try:
            return whole_number(text, minimum)
        except ValueError:
            raise ArgumentTypeError(f'{text!r} is no number from {minimum} up') from None

    return read


def above_zero(text: str) -> float:
    """The type of an option that takes a number above 0."""
    try:
        number = finite_number(text, '')
    except ValueError:
        number = 0.0
    if number <= 0:
        raise ArgumentTypeError(f'{text!r} is no number above 0')
    return number


def add_config(parser, what: str = CONFIG) -> None:
    """Add the config and its variant; :func:`haresreid.cli.launch.load_asked_config` reads both."""
    parser.add_argument('config', type=config_path, help=what)
    parser.add_argument(
        '--variant',
        action=Once,
        metavar='NAME',
        help="a row of the paper's ablations, e.g. aux_s14; haresreid reproduce table3 --show lists those of Table III",
    )


def add_cfg_options(parser) -> None:
    """Add the option that overrides entries of a config."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        default=[],
        type=key_value,
        metavar='KEY=VALUE',
        help='override config entries, e.g. optim_wrapper.optimizer.lr=0.02',
    )


def add_common_arguments(parser) -> None:
    """Add the options that all of these tools take."""
    parser.add_argument('--data-root', type=user_path, help='folder of the data set, instead of the one in the config')
    parser.add_argument(
        '--work-dir',
        type=user_path,
        help='folder for everything the run leaves; default: work_dirs/<config name>[_<variant>]',
    )
    add_cfg_options(parser)
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')


def add_test_arguments(parser) -> None:
    """Add the config, the options that say which feature is tested, and the common ones."""
    add_config(parser, f'{CONFIG}; that which the checkpoint was trained with')
    parser.add_argument('--feature', choices=['pre_bn', 'post_bn'], help='feature before or after the BNNeck')
    parser.add_argument('--flip', action='store_true', help='average the features of an image and its mirror image')
    parser.add_argument(
        '--protocols', nargs='+', metavar='NAME', help=f"instead of the config's; there are {', '.join(PROTOCOL_NAMES)}"
    )
    parser.add_argument(
        '--rand-perm-cam', type=user_path, metavar='FILE', help='the official rand_perm_cam.mat, for sysu/...-official'
    )
    parser.add_argument('--rerank', nargs='+', choices=RERANKER_NAMES, help='also show re-ranked rows')
    add_common_arguments(parser)
