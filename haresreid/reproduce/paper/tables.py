"""Reads ``tables.json``: every figure of the paper's Tables II to VIII, and the points known of Figure 6."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ['PAPER_TABLES', 'PaperRow', 'PaperTable', 'paper_table']

PAPER_TABLES = ('table2', 'table3', 'table4', 'table5', 'table6', 'table7', 'table8', 'fig6')


@dataclass(frozen=True)
class PaperRow:
    """A row as the paper prints it.

    Attributes:
        number: Counted from 1, as printed in Tables II to IV.
        label: What distinguishes the row, with tick marks put into words.
        values: Percent by ``'<protocol>/<metric>'``, the key that evaluation also uses (``'sysu/all/R1'``). Table V
            also has ``'cost/FLOPs (G)'`` and ``'cost/parameters (M)'``. Figures that the paper does not print are
            missing.
        variant: The variant that is trained for the row, by the paper's data set ('sysu', 'regdb', 'llcm'): one of
            ``VARIANTS``. The whole model is 'full' among the ablations and 'haresformer' among other methods. Empty for
            another method.
    """

    number: int
    label: str
    values: dict[str, float]
    variant: dict[str, str]


@dataclass(frozen=True)
class PaperTable:
    """A table of the paper.

    Attributes:
        name: 'Table IV'.
        title: What it compares, in our words.
        columns: Keys of ``PaperRow.values``, in the printed order.
        rows: The rows from top to bottom.
        note: What a reader of the figures should know; may be empty.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[PaperRow, ...]
    note: str

    @property
    def of_methods(self) -> bool:
        """Whether it compares HAResformer with other methods."""
        return any(not row.variant for row in self.rows)


def paper_table(name: str) -> PaperTable:
    """One table of the paper, figures as printed.

    Args:
        name (str): One of ``PAPER_TABLES``.

    Raises:
        ValueError: If there is no such table.

    Examples:
        >>> paper_table('table4').rows[5].values['sysu/all/R1']
        65.92
    """
    if name not in PAPER_TABLES:
        raise ValueError(f'the paper has no {name!r}; there are {", ".join(PAPER_TABLES)}')
    table = _read()['tables'][name]
    columns = tuple(f'{protocol}/{metric}' for _, protocol, metric in table['columns'])
    datasets = {protocol.split('/')[0] for dataset, protocol, _ in table['columns'] if dataset}
    return PaperTable(
        table['name'],
        table['title'],
        columns,
        tuple(_row(row, columns, datasets) for row in table['rows']),
        table.get('note', ''),
    )


@cache
def _read() -> dict:
    return json.loads((files(__package__) / 'tables.json').read_text(encoding='utf-8'))


def _row(row: dict, columns: tuple[str, ...], datasets: set[str]) -> PaperRow:
    values = {column: value for column, value in zip(columns, row['values'], strict=True) if value is not None}
    variant = row.get('variant', {})
    if isinstance(variant, str):
        variant = dict.fromkeys(datasets, variant)
    return PaperRow(row['row'], row['label'], values, variant)
