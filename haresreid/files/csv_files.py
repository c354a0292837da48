"""Reading and writing CSV files that are exchanged with spreadsheets."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

from .printable import shortened
from .text_files import read_text

__all__ = ['csv_text', 'read_csv']

NUMBER = re.compile(r"'*[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
# texts that a spreadsheet would compute (half- or full-width characters), and texts that a reader would strip
NEEDS_MARK = re.compile(r"'*([=+\-@＝＋－＠\s]|.*\s\Z)", re.DOTALL)


def read_csv(path: str | Path, required: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[int, dict]]:
    """The lines of a CSV file whose first line names the columns, in any order.

    Column names are case-insensitive, and blanks around names and cells are dropped. Empty lines are skipped. The file
    is read by :func:`haresreid.files.text_files.read_text`.

    Args:
        path (str | Path): The file.
        required (Sequence[str]): Columns that must exist.
        optional (Sequence[str]): Columns that may exist. Any other column is refused, because a misspelt one would
            otherwise be dropped silently.

    Yields:
        tuple[int, dict[str, str]]: The number of the line, counted from 1, and its cells by column; '' for an empty
        cell.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not a text file; a column is missing, unknown or given twice; or a line has another number
            of cells or an unmatched quotation mark. The message names the line.
    """
    columns: list[str] = []
    for number, cells in _split(path):
        if not columns:
            columns = _columns(path, cells, required, optional)
        elif len(cells) < len(columns) or any(cells[len(columns) :]):
            plural = '' if len(cells) == 1 else 's'
            raise ValueError(
                f'{path}, line {number}: it has {len(cells)} cell{plural} for the {len(columns)} columns '
                f'{",".join(columns)}; a cell that holds a comma stands in "quotation marks"'
            )
        else:
            yield number, dict(zip(columns, cells))
    if not columns:
        raise ValueError(f'{path} is empty; its first line names the columns {",".join((*required, *optional))}')


def _split(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold any text, with their numbers."""
    reader = csv.reader(StringIO(read_text(path), newline=''), skipinitialspace=True, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = [_unmarked(cell) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f'{path}, line {number}: a cell cannot be read ({error}): if it begins with a quotation '
                'mark, one ends it, and any within it is written twice'
            ) from None
        if any(cells):
            yield number, cells


def _columns(path: str | Path, cells: list[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    known = {name.lower(): name for name in (*required, *optional)}
    there = f'the columns are {",".join(known.values())}'
    while not cells[-1]:  # spreadsheets may leave commas at the end
        cells.pop()
    found = [cell.lower() for cell in cells]
    for cell, name in zip(cells, found):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            remedy = f'did you mean {known[near[0]]!r}?' if near else 'correct its name or leave it out;'
            if separator := re.search('[;\t]', name):
                remedy = f'cells are separated by commas, here by {separator[0]!r}: save it with commas;'
            raise ValueError(f'{path}: its first line has an unknown column {shortened(cell)}: {remedy} {there}')
        if found.count(name) > 1:
            raise ValueError(f'{path}: its first line has the column {known[name]} twice: leave one out')
    missing = [name for name in required if name.lower() not in found]
    if missing:
        raise ValueError(f'{path}: its first line lacks {", ".join(missing)}; {there}')
    return [known[name] for name in found]


def csv_text(rows: Iterable[Iterable]) -> str:
    """Format rows as the text of a CSV file that :func:`read_csv` can read back.

    Spreadsheets take a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and formulas can run commands.
    Such a text gets a leading apostrophe, by which spreadsheets recognise a text, and so does a text with a blank at
    either end. Plain numbers are not changed. See https://owasp.org/www-community/attacks/CSV_Injection.

    Args:
        rows (Iterable[Iterable]): Texts and numbers; None is an empty cell.
    """
    lines: list[str] = []
    writer = csv.writer(SimpleNamespace(write=lines.append))  # by default ends lines with \r\n, so it quotes either
    writer.writerows([_marked(cell) for cell in row] for row in rows)
    text = ''.join(line.removesuffix('\r\n') + '\n' for line in lines)
    return text.encode('utf-8', 'backslashreplace').decode('utf-8')  # names of another encoding cannot be written


def _marked(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _needs_mark(cell) else cell


def _unmarked(cell: str) -> str:
    cell = cell.lstrip()
    return cell[1:] if cell.startswith("'") and _needs_mark(cell) else cell.rstrip()


def _needs_mark(text: str) -> bool:
    return bool(NEEDS_MARK.match(text)) and not NUMBER.fullmatch(text)
