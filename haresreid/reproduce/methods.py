"""The rows of a table of the paper, with the recipes of the other methods in Tables VI to VIII."""

from collections.abc import Iterable
from dataclasses import replace

from . import baselines
from .paper import NOT_RUN, PAPER_TABLES, Recipe, TableRow, method_of, paper_table, rows
from .zoo import read_metafiles

__all__ = ['refuse_idle_all_methods', 'table_rows']


def table_rows(table: str, dataset: str, all_methods: bool = False) -> list[TableRow]:
    """The rows of a table; other methods are trained by their own recipe, or say why they are not.

    Args:
        table (str): One of ``PAPER_TABLES``.
        dataset (str): One of ``RUN_DATASETS``.
        all_methods (bool): Whether the baselines that a table of methods leaves out follow its rows.

    Raises:
        ValueError: If there is no such table or data set, the table is not about this data set, or all methods are
            asked for where only HAResformer has a config.
    """
    shown = rows(table, dataset)
    if not paper_table(table).of_methods:
        return shown
    there = all_methods or dataset in baselines.BASELINE_DATASETS
    recipes = baselines.baseline_recipes(dataset, own=True) if there else {}
    shown = [row if row.recipe else _other(row, dataset, recipes) for row in shown]
    if all_methods:
        named = {row.recipe for row in shown}
        shown += [
            TableRow(None, name.removesuffix(', as described'), recipe, {})
            for name, recipe in recipes.items()
            if recipe not in named
        ]
    described = [metafile.name for metafile in read_metafiles() if metafile.as_described]
    return [
        replace(row, remark='as described') if row.recipe and method_of(row.label, described) else row for row in shown
    ]


def refuse_idle_all_methods(tables: Iterable[str]) -> None:
    """Refuse ``--all-methods`` if it would add nothing.

    Raises:
        ValueError: If none of the tables compares methods.
    """
    of_methods = [table for table in PAPER_TABLES if paper_table(table).of_methods]
    if not set(tables) & set(of_methods):
        raise ValueError(
            f'--all-methods adds rows to {", ".join(of_methods)}, of which none is asked for: leave it out'
        )


def _other(row: TableRow, dataset: str, recipes: dict[str, Recipe]) -> TableRow:
    """Another method's row with its recipe, or with the reason why it has none."""
    method = method_of(row.label, baselines.METHODS.values())
    if method in recipes:
        return replace(row, recipe=recipes[method])
    remark, reason = NOT_RUN[row.label] if method is None else (f'not on {dataset}', '`--dataset synth` trains it')
    return replace(row, remark=remark, reason=reason)
