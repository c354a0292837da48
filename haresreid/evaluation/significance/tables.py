"""Comparisons as Markdown tables, in percent."""

from collections.abc import Mapping, Sequence

from haresreid.files.markdown import markdown_table

from .paired import Difference
from .seeds import SeedDifference, seeds_needed
from .variance import VarianceSplit

__all__ = ['difference_table', 'seed_table', 'variance_table']


def difference_table(differences: Sequence[Difference], names: Sequence[str], level: float) -> str:
    """A line per metric: both figures, their difference, its interval and p."""
    head = ['metric', *names, 'difference', f'{100 * level:g} % interval', 'p']
    lines = [
        [
            each.metric,
            *(f'{100 * figure:.2f}' for figure in (each.first, each.second)),
            f'{100 * each.difference:+.2f}',
            _interval(each.low, each.high),
            _p(each.p_value),
        ]
        for each in differences
    ]
    return markdown_table([head, *lines], labels=1)


def variance_table(splits: Mapping[str, Sequence[VarianceSplit]]) -> str:
    """A line per result and metric: the standard deviations, and what each adds to the variance of the mean."""
    head = ['result', 'metric', 'mean', 'seed', 'draw', 'queries', 'share of seeds', 'of draws', 'of queries']
    lines = [
        [
            name,
            split.metric,
            f'{100 * split.mean:.2f}',
            *('–' if part is None else f'{100 * part:.2f}' for part in (split.seed, split.draw, split.queries)),
            *(
                '–' if part is None else f'{100 * share:.0f} %'
                for part, share in zip((split.seed, split.draw, split.queries), split.shares)
            ),
        ]
        for name, results in splits.items()
        for split in results
    ]
    return markdown_table([head, *lines], labels=2)


def seed_table(differences: Sequence[SeedDifference], points: float, level: float) -> str:
    """A line per metric: the interval over seeds, p, and how many seeds would show a difference of so many points."""
    head = ['metric', f'{100 * level:g} % interval over seeds', 'p', 'one seed', f'seeds for {points:g}']
    lines = [
        [
            each.metric,
            _interval(each.low, each.high),
            _p(each.p_value),
            f'{100 * each.deviation:.2f}',
            seeds_needed(points, 100 * each.deviation) or 'over 1000',
        ]
        for each in differences
    ]
    return markdown_table([head, *lines], labels=1)


def _interval(low: float, high: float) -> str:
    return f'{100 * low:+.2f} to {100 * high:+.2f}'


def _p(value: float) -> str:
    return '< 0.001' if value < 0.001 else f'{value:.3f}'
