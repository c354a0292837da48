"""What several subcommands read from their arguments."""

import argparse

from haresreid.search.filters import time_bound
from haresreid.search.times import read_timezone

__all__ = ['filters', 'one_source']


def filters(args: argparse.Namespace) -> dict:
    """The conditions of a query or a deletion."""
    zone = read_timezone(args.timezone)
    times = {name: getattr(args, name) and time_bound(getattr(args, name), zone) for name in ('since', 'until')}
    others = ('cameras', 'exclude_cameras', 'modality', 'tracks', 'where')
    return dict(times, **{name: getattr(args, name) for name in others})


def one_source(args: argparse.Namespace, names: tuple[str, ...]) -> None:
    """Require exactly one of the ways to say what is meant."""
    if sum(bool(getattr(args, name)) for name in names) != 1:
        ways = ' or '.join('IMAGES' if name == 'images' else f'--{name}' for name in names)
        raise ValueError(f'say what to {args.command} in one way: {ways}')
