"""A table of the paper: the changes behind each row, and the printed figures."""

from haresreid.files.markdown import markdown_table

from .paper import VARIANTS, PaperRow, paper_table
from .paper.rows import WHOLE_MODEL

__all__ = ['show_table']

NONE = '–'


def show_table(name: str) -> str:
    """A table of the paper as Markdown: the variant of each row, what it changes in the whole model, and the figures.

    Args:
        name (str): One of ``PAPER_TABLES``.

    Raises:
        ValueError: If there is no such table.
    """
    table = paper_table(name)
    grid = [['row', 'variant', 'changes', *(' '.join(column.rsplit('/', 1)) for column in table.columns)]]
    for row in table.rows:
        figures = [f'{row.values[column]:.2f}' if column in row.values else NONE for column in table.columns]
        grid.append([f'{row.number}: {row.label}', *_what_is_trained(row), *figures])
    note = ['', table.note] if table.note else []
    return '\n'.join([f'## {table.name}: {table.title}', '', markdown_table(grid, labels=3), *note])


def _what_is_trained(row: PaperRow) -> tuple[str, str]:
    """Variants and their changes, for each data set if they differ."""
    if not row.variant:
        return NONE, 'another method'
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
