"""The recipe for each row of the paper's tables."""

from dataclasses import dataclass

from haresreid.catalogue import RUN_DATASETS

from .recipe import Recipe
from .tables import PaperTable, paper_table

__all__ = ['TableRow', 'original_of', 'rows']

# the names of the whole model in tables.json, among the ablations and among other methods
WHOLE_MODEL = ('full', 'haresformer')


@dataclass(frozen=True)
class TableRow:
    """A row of a table on one data set.

    Attributes:
        number: The row's number in the paper; None for a method that the paper leaves out.
        label: The row's label in the paper.
        recipe: The recipe that trains it. Rows with the same training, in one table or in several, have the same
            recipe. None for another method's row, until :func:`haresreid.reproduce.methods.table_rows` fills it in.
        paper: The paper's figures of this row for this data set, in percent by ``'<protocol>/<metric>'``, and costs.
        remark: Of another method: 'as described', if no released code is behind it, or why it does not run, such as 'no
            code exists'; otherwise empty.
        reason: The reason for a row that does not run.
    """

    number: int | None
    label: str
    recipe: Recipe | None
    paper: dict[str, float]
    remark: str = ''
    reason: str = ''

    @property
    def numbered(self) -> str:
        """The label behind its number."""
        return f'{self.number}: {self.label}' if self.number else self.label


def rows(table: str, dataset: str) -> list[TableRow]:
    """The rows of a table, each with its recipe and the paper's figures.

    Args:
        table (str): One of ``PAPER_TABLES``.
        dataset (str): One of ``RUN_DATASETS``. A SynVI set gets the figures of :func:`original_of`.

    Raises:
        ValueError: If there is no such table or data set, or the table is not about this data set.
    """
    source = paper_table(table)
    original = original_of(source, dataset)
    return [
        TableRow(
            row.number,
            row.label,
            _recipe(row.variant[original], dataset) if row.variant else None,
            {key: value for key, value in row.values.items() if key.split('/')[0] in (original, 'cost')},
        )
        for row in source.rows
    ]


def original_of(source: PaperTable, dataset: str) -> str:
    """The paper's data set whose figures stand beside those of a data set.

    It is the set itself, or the one whose layout a SynVI set has. The narrow configs of other methods are all on
    'synth', so that each table of methods can be shown for it.

    Raises:
        ValueError: If there is no such data set, or the table is not about it.
    """
    if dataset not in RUN_DATASETS:
        raise ValueError(f'there is no data set {dataset!r}; there are {", ".join(RUN_DATASETS)}')
    covered = dict.fromkeys(column.split('/')[0] for column in source.columns)
    fitting = {name: origin for name, origin in RUN_DATASETS.items() if origin in covered}
    if source.of_methods:
        (fitting['synth'],) = covered
    if dataset not in fitting:
        raise ValueError(f'{source.name} has no figures for {dataset}; it can be shown for {", ".join(fitting)}')
    return fitting[dataset]


def _recipe(variant: str, dataset: str) -> Recipe:
    # On SynVI the ablations have a shorter schedule, and start weights instead of ImageNet's. So have the other
    # methods, whose narrow configs are all on 'synth'.
    short = dataset == 'synth' or (variant != 'haresformer' and dataset.startswith('synth'))
    config = f'configs/haresformer_{dataset}{"_short" if short else ""}.py'
    return Recipe(config, None if variant in WHOLE_MODEL else variant)
