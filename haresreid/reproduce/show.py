"""A table of the paper: the changes behind each row, and the printed figures."""

from haresreid.files.markdown import markdown_table

from .figures import NONE
from .methods import table_rows
from .paper import VARIANTS, PaperRow, PaperTable, TableRow, paper_table
from .paper.rows import WHOLE_MODEL

__all__ = ['show_table']


def show_table(name: str, all_methods: bool = False) -> str:
    """A table of the paper as Markdown: what is trained for each row, and the figures.

    An ablation names the variant of each row and what it changes in the whole model. A table of methods names the
    config of each, or says why there is none.

    Args:
        name (str): One of ``PAPER_TABLES``.
        all_methods (bool): Whether a table of methods also gets the baselines that the paper leaves out.

    Raises:
        ValueError: If there is no such table.
    """
    table = paper_table(name)
    columns = [' '.join(column.rsplit('/', 1)) for column in table.columns]
    if table.of_methods:
        head = ['row', 'config', 'remark']
        body = [
            [row.numbered, *_config(row), *_figures(row.paper, table)]
            for row in table_rows(name, table.columns[0].split('/')[0], all_methods)
        ]
    else:
        head = ['row', 'variant', 'changes']
        body = [
            [f'{row.number}: {row.label}', *_what_is_trained(row), *_figures(row.values, table)] for row in table.rows
        ]
    grid = [[*head, *columns], *body]
    note = ['', table.note] if table.note else []
    return '\n'.join([f'## {table.name}: {table.title}', '', markdown_table(grid, labels=3), *note])


def _figures(values: dict[str, float], table: PaperTable) -> list[str]:
    return [f'{values[column]:.2f}' if column in values else NONE for column in table.columns]


def _config(row: TableRow) -> tuple[str, str]:
    """The config of a method, and what to know of it or why there is none."""
    return f'`{row.recipe.name}`' if row.recipe else NONE, ': '.join(filter(None, (row.remark, row.reason)))


def _what_is_trained(row: PaperRow) -> tuple[str, str]:
    """Variants and their changes, for each data set if they differ."""
    by_variant: dict[str, list[str]] = {}
    for dataset, variant in row.variant.items():
        by_variant.setdefault(variant, []).append(dataset)
    names, changes = zip(
        *(
            (NONE, 'nothing: the whole model') if variant in WHOLE_MODEL else (f'`{variant}`', _changes(variant))
            for variant in by_variant
        )
    )
    if len(by_variant) == 1:
        return names[0], changes[0]
    return tuple(
        '; '.join(f'{", ".join(datasets)}: {text}' for datasets, text in zip(by_variant.values(), texts))
        for texts in (names, changes)
    )


def _changes(variant: str) -> str:
    return ', '.join(f'`{place}={_value(value)}`' for place, value in VARIANTS[variant].items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return value['type'].rsplit('.', 1)[-1]
    return f'[{",".join(map(str, value))}]' if isinstance(value, list) else str(value)
