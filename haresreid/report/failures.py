"""A page about where a model fails."""

from collections.abc import Mapping, Sequence

import numpy as np

from haresreid.analysis.failures import Group, by_camera_pair, by_condition, query_conditions
from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.evaluation.query_scores import SCORED_METRICS, ScoredQueries, scored_queries
from haresreid.visualization import choose_queries, draw_ranked_lists

from .blocks import Picture, Section, Table, picture_of_figure
from .page import render
from .pictures import RANKED

__all__ = ['failure_page']


def failure_page(images: FeatureSet, protocol: CrossModalProtocol, num_queries: int = 10) -> str:
    """Figures by camera pair and by what is known of the queries, and the worst queries with what was found instead.

    Args:
        images (FeatureSet): Features, and the images on disk.
        protocol (CrossModalProtocol): What is evaluated.
        num_queries (int): Worst queries to show, at most one per person. Defaults to 10.

    Returns:
        str: HTML.

    Raises:
        ValueError: If the protocol draws other queries in each trial.
    """
    scored = scored_queries(evaluate(images, protocol), images)
    if scored is None:
        raise ValueError(f'Under {protocol.name} each draw has queries of its own, so none is known to fail.')
    conditions = query_conditions(scored.img_paths.tolist(), scored.pids)
    worst = choose_queries(images, protocol, queries='hardest', num_queries=num_queries)  # (n,)
    return render(
        f'Failures under {protocol.name}',
        [
            Section('By camera pair', [_camera_table(images, protocol)]),
            Section('By image', [_group_table(by_condition(scored, conditions))]),
            Section(
                'Worst queries',
                [_worst_picture(images, protocol, worst), _worst_table(images, worst, scored, conditions)],
            ),
        ],
    )


def _worst_picture(images: FeatureSet, protocol: CrossModalProtocol, worst: np.ndarray) -> Picture:
    return picture_of_figure(
        draw_ranked_lists(images, protocol, queries=worst.tolist()),
        alt=RANKED,
        caption='The queries of the lowest average precision in the first gallery, at most one per person, the worst '
        'first: green and ✓ is the right person, red and ✗ another one.',
        photographs=True,
    )


def _worst_table(
    images: FeatureSet, worst: np.ndarray, scored: ScoredQueries, conditions: Mapping[str, np.ndarray]
) -> Table:
    rows = {path: row for row, path in enumerate(scored.img_paths)}
    shown = {name: values for name, values in conditions.items() if len(np.unique(values)) > 1}
    lines = [
        (
            scored.names[row],
            f'{100 * scored.ap[:, row].mean():.2f}',
            *(value if isinstance(value := values[row], str) else f'{value:.3g}' for values in shown.values()),
        )
        for row in (rows[images.img_paths[index]] for index in worst)
    ]
    return Table(
        ('query', 'AP', *shown), lines, 'The same queries: AP in percent, mean over the galleries.', numeric=True
    )


def _camera_table(images: FeatureSet, protocol: CrossModalProtocol) -> Table:
    pairs = by_camera_pair(images, protocol)
    rows = [
        (f'{query} to {gallery}', *(['–'] * 3 if figures is None else [f'{100 * figure:.2f}' for figure in figures]))
        for (query, gallery), figures in pairs.items()
    ]
    return Table(
        ('cameras', *SCORED_METRICS),
        rows,
        'Queries of one camera against the gallery of another alone, in percent. A smaller gallery is easier, so these '
        'figures are above those of the whole; –: no query may see a correct image there.',
        numeric=True,
    )


def _group_table(groups: Sequence[Group]) -> Table:
    rows = [
        (
            f'{group.condition}: {group.value}',
            str(group.queries),
            *(
                f'{100 * figure:.2f}' + ('' if np.isnan(error) else f' ± {100 * error:.2f}')
                for figure, error in zip(group.figures, group.errors)
            ),
        )
        for group in groups
    ]
    return Table(
        ('queries with', 'number', *SCORED_METRICS),
        rows,
        'The same gallery for all, percent ± standard error over people. Numbers are cut into quarters of the queries. '
        'The groups differ in more than what names them.',
        numeric=True,
    )
