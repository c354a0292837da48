"""The rows of the paper's tables of methods: what was available of each, and what runs here."""

from collections.abc import Sequence

from ..paper import NOT_RUN, PAPER_TABLES, method_of, paper_table
from .metafile import Metafile

__all__ = ['code_link', 'rows_table']


def rows_table(metafiles: Sequence[Metafile]) -> list[list[str]]:
    """Head and a row for each method that the paper compares: the tables that it is in, and its state here."""
    tables: dict[str, list[str]] = {}
    for table in map(paper_table, PAPER_TABLES):
        for row in table.rows if table.of_methods else ():
            tables.setdefault(row.label, []).append(table.name.removeprefix('Table '))
    by_name = {metafile.name: metafile for metafile in metafiles}
    grid = [['row', 'tables', 'here', 'what was available']]
    for label, names in tables.items():
        method = method_of(label, by_name)
        state = _state(by_name[method]) if method else NOT_RUN.get(label)
        if state:  # otherwise it is of a metafile that was not given
            grid.append([label, ', '.join(names), *state])
    return grid


def code_link(metafile: Metafile) -> str | None:
    """The repository of the official code as a link; None if there is none."""
    code = metafile.collection.get('Official Code')
    return code and f'[{"/".join(code["URL"].split("/")[3:5])}]({code["URL"]})'


def _state(metafile: Metafile) -> tuple[str, str]:
    name = f'`{metafile.path.stem}`'
    if metafile.as_described:
        return f'{name}, as described', 'no released code was found'
    return name, f'{code_link(metafile)}, {metafile.collection["Official Code"]["License"]}'
