"""The recipe for each row of the paper's tables."""

from dataclasses import dataclass

from haresreid.catalogue import RUN_DATASETS

from .recipe import Recipe
from .tables import paper_table

__all__ = ['TableRow', 'rows']

# the names of the whole model in tables.json, among the ablations and among other methods
WHOLE_MODEL = ('full', 'haresformer')


@dataclass(frozen=True)
class TableRow:
    """A row of a table on one data set.

    Attributes:
        number: The row's number in the paper.
        label: The row's label in the paper.
        recipe: The recipe that trains it. Rows with the same training, in one table or in several, have the same
            recipe. None for another method's row.
        paper: The paper's figures of this row for this data set, in percent by ``'<protocol>/<metric>'``, and costs.
    """

    number: int
    label: str
    recipe: Recipe | None
    paper: dict[str, float]


def rows(table: str, dataset: str) -> list[TableRow]:
    """The rows of a table, each with its recipe and the paper's figures.

    Args:
        table (str): One of ``PAPER_TABLES``.
        dataset (str): One of ``RUN_DATASETS``. A SynVI set gets the figures of the real set whose layout it has.

    Raises:
        ValueError: If there is no such table or data set, or the table is not about this data set.
    """
    if dataset not in RUN_DATASETS:
        raise ValueError(f'there is no data set {dataset!r}; there are {", ".join(RUN_DATASETS)}')
    original = RUN_DATASETS[dataset]
    source = paper_table(table)
    covered = {column.split('/')[0] for column in source.columns}
    if original not in covered:
        fitting = ', '.join(name for name, origin in RUN_DATASETS.items() if origin in covered)
        raise ValueError(f'{source.name} has no figures for {dataset}; it can be shown for {fitting}')
    return [
        TableRow(
            row.number,
            row.label,
            _recipe(row.variant[original], dataset) if row.variant else None,
            {key: value for key, value in row.values.items() if key.split('/')[0] in (original, 'cost')},
        )
        for row in source.rows
    ]


def _recipe(variant: str, dataset: str) -> Recipe:
    # on SynVI the ablations have a shorter schedule, and start weights instead of ImageNet's
    ablations = variant != 'haresformer' and dataset.startswith('synth')
    config = f'configs/haresformer_{dataset}{"_short" if ablations else ""}.py'
    return Recipe(config, None if variant in WHOLE_MODEL else variant)
