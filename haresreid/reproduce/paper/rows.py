"""Which config trains which row of the paper's tables."""

from dataclasses import dataclass

from .tables import paper_table

__all__ = ['DATASETS', 'TableRow', 'rows']

# a data set that configs exist for -> the paper's, beside whose figures it stands
DATASETS = dict(sysu='sysu', regdb='regdb', llcm='llcm', synth='sysu', synth_regdb='regdb', synth_llcm='llcm')


@dataclass(frozen=True)
class TableRow:
    """A row of a table on one data set.

    Attributes:
        number: As in the paper.
        label: As in the paper.
        config: The config that trains it, relative to the root of the repository. Rows that are the same training, in
            one table or in several, have the same one. None for another method's row.
        paper: The paper's figures of this row for this data set, by ``'<protocol>/<metric>'``, in percent, and cost.
    """

    number: int
    label: str
    config: str | None
    paper: dict[str, float]


def rows(table: str, dataset: str) -> list[TableRow]:
    """The rows of a table, each with its config and the paper's figures.

    Args:
        table (str): One of ``PAPER_TABLES``.
        dataset (str): One of ``DATASETS``. SynVI's stand beside the figures of the real set whose layout they have.

    Raises:
        ValueError: No such table or data set, or the table is not about this data set.
    """
    if dataset not in DATASETS:
        raise ValueError(f'there is no data set {dataset!r}; there are {", ".join(DATASETS)}')
    original = DATASETS[dataset]
    source = paper_table(table)
    covered = {column.split('/')[0] for column in source.columns}
    if original not in covered:
        fitting = ', '.join(name for name, origin in DATASETS.items() if origin in covered)
        raise ValueError(f'{source.name} has no figures for {dataset}; it can be shown for {fitting}')
    return [
        TableRow(
            row.number,
            row.label,
            _config(row.variant[original], dataset) if row.variant else None,
            {key: value for key, value in row.values.items() if key.split('/')[0] in (original, 'cost')},
        )
        for row in source.rows
    ]


def _config(variant: str, dataset: str) -> str:
    # the whole model on a real set is that set's own config; on SynVI the ablations have a shorter one of their own
    if variant == 'haresformer' or (variant == 'full' and not dataset.startswith('synth')):
        return f'configs/haresformer_{dataset}.py'
    return f'configs/ablations/{dataset}/{dataset}_{variant}.py'
