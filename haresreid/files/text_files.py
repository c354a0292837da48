"""Reading the text files that people bring."""

import codecs
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from .files import require_plain

__all__ = ['read_json', 'read_records', 'read_text']

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: str | Path) -> str:
    """Decode a text file: UTF-8, or UTF-16 with its byte order mark, which is left out.

    Line ends stay as they are.

    Args:
        path (str | Path): The file.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not a file, has another encoding, or is not text. In the last two cases the message names
            the line and says what to do.
    """
    require_plain(path)
    content = Path(path).read_bytes().removeprefix(codecs.BOM_UTF8)
    encoding = 'UTF-16' if content.startswith(UTF16_MARKS) else 'UTF-8'
    try:
        text = content.decode(encoding)
        position, found = text.find('\0'), 'a NUL character'
    except UnicodeDecodeError as error:
        position, found = error.start, f'byte 0x{content[error.start]:02x}'
        text = content[:position].decode(encoding, 'ignore')
    if position >= 0:
        line = text[:position].count('\n') + 1
        raise ValueError(
            f'{path}, line {line}: this is no text in {encoding} ({found}): save the file as UTF-8, in a '
            'spreadsheet as "CSV UTF-8"'
        )
    return text


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Args:
        path (str | Path): The file, encoded as for :func:`read_text`.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not JSON; the message names the file and the line.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f'{path}, line {error.lineno}: this is no JSON ({error.msg})') from None
    except (RecursionError, ValueError) as error:  # thousands of nested brackets or consecutive digits
        raise ValueError(f'{path} is JSON that nobody wrote ({error})') from None


def read_records(path: str | Path) -> list[dict]:
    """Read the dicts in a file that holds one per line, as JSON.

    Any other line is skipped: a killed run leaves half a line, and after a resume more lines follow it.

    Args:
        path (str | Path): The file, encoded as for :func:`read_text`.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it has another encoding, or is not text.
    """
    records = []
    for line in read_text(path).splitlines():
        with suppress(RecursionError, ValueError):
            records.append(json.loads(line))
    return [record for record in records if isinstance(record, dict)]
