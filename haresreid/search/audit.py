"""Who asked what of a gallery: a line of JSON for each query."""

import errno
import getpass
import json
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from haresreid.files.files import make_folder

__all__ = ['Audit', 'audit_file', 'who_asks']


def audit_file(uri: str, file: str | None = None) -> Path | None:
    """Where queries of a gallery are written down.

    Args:
        uri (str): Of the gallery.
        file (str, optional): The user's choice. Defaults to None: ``<folder>_audit.jsonl`` beside the gallery, if
            there is such a file.

    Returns:
        Path | None: None if queries are not written down.
    """
    if file is not None:
        return Path(file)
    folder = uri.removeprefix('lancedb://').rstrip('/')
    if '://' in folder:
        return None
    # also if the gallery is called '.' or by a link: nobody gets around the file by another name
    beside = (Path(f'{name}_audit.jsonl') for name in (folder, os.path.realpath(folder or '/')))
    return next((file for file in beside if file.is_file()), None)


def who_asks(user: str | None = None) -> str:
    """The given name, ``HARESREID_USER`` of the environment, or the login name, or the number of a user without one."""
    try:
        return user or os.environ.get('HARESREID_USER') or getpass.getuser()
    except (KeyError, OSError):  # in a container, a number may be all that a user has
        return str(os.getuid())


class Audit:
    """Writes down queries; does nothing without a file.

    Args:
        file (Path, optional): Lines are appended to it.
        gallery (str): URI of the gallery.
        user (str): Who asks.
    """

    def __init__(self, file: Path | None, gallery: str, user: str):
        self._file, self._gallery, self._user = file, gallery, user
        if file is not None:
            make_folder(file.parent)
            self._append('')  # reports a file that cannot be written before anything is searched

    def write(self, queries: Sequence[str], hits: Sequence[int], **asked: Any) -> None:
        """Write a line for each query. They are on the disk when this returns.

        Args:
            queries (Sequence[str]): The images that were asked about.
            hits (Sequence[int]): How many hits each was answered with.
            asked: Conditions as JSON values; None sets none and is left out.

        Raises:
            OSError: If the file cannot be written; the answer should then not be given.
        """
        asked = {name: value for name, value in asked.items() if value is not None}
        when = datetime.now(timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
        common = dict(when=when, who=self._user, gallery=self._gallery)
        lines = (dict(common, query=query, hits=number, **asked) for query, number in zip(queries, hits))
        self._append(''.join(json.dumps(line) + '\n' for line in lines))

    def _append(self, text: str) -> None:
        """In one call, so that lines of several processes do not mix."""
        if self._file is None:
            return
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            content = text.encode()
            if os.write(descriptor, content) < len(content):  # the disk is full
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._file))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
