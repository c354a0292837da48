"""Every call that changes a folder, recorded, and failing when told to. Mirrors no module: it tries all that write."""

import builtins
import errno
import io
import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

# those that change names or make something last
CALLS = ('fsync', 'link', 'mkdir', 'open', 'remove', 'rename', 'replace', 'rmdir', 'symlink', 'truncate', 'unlink')
ROOT = 0  # the number of the folder itself; those in it have numbers below, files have numbers above


class Write(NamedTuple):
    """A file has other bytes from ``start`` on, and another length."""

    number: int
    start: int
    data: bytes
    length: int


class Names(NamedTuple):
    """A folder has other names, in one atomic step: name -> number, or None where it is gone."""

    number: int
    changes: dict[str, int | None]


class Sync(NamedTuple):
    """A file's content, or a folder's names, are on the disk."""

    number: int


@dataclass
class Disk:
    """Files and folders by number, as inodes are.

    Attributes:
        files (dict[int, bytes]): Contents.
        folders (dict[int, dict[str, int]]): Names -> numbers.
    """

    files: dict[int, bytes] = field(default_factory=dict)
    folders: dict[int, dict[str, int]] = field(default_factory=dict)

    def tree(self, number: int = ROOT, above: str = '') -> dict[str, bytes | None]:
        """What has a name: path -> content, None for a folder."""
        found = {}
        for name, inner in self.folders.get(number, {}).items():
            found[above + name] = self.files.get(inner, b'') if inner > ROOT else None
            if inner < ROOT:
                found |= self.tree(inner, f'{above}{name}/')
        return found


class Recorder:
    """Turns what is done to a folder, while it is entered, into operations.

    The folder is compared with what it was before and after every call. So what a library writes in C++ is seen as
    well, as one write before the next call.

    Args:
        folder (Path): Watched with all that is in it.
        fail_at (int): The call, from 1, that fails as on a broken disk, a write in its middle; contents are not
            recorded then. Defaults to 0, none.
        forever (bool): All later ones fail, too. Defaults to False.

    Attributes:
        base (Disk): The folder at the beginning.
        operations (list[Write | Names | Sync]): What was done.
        calls (int): How many calls did it.
    """

    def __init__(self, folder: Path, fail_at: int = 0, forever: bool = False):
        self.folder, self.fail_at, self.forever = Path(folder), fail_at, forever
        self.calls, self.operations = 0, []
        self._disk, self._numbers, self._count = Disk(), {}, itertools.count(1)
        self._compare()
        self.base, self.operations = self._disk, []

    def __enter__(self) -> 'Recorder':
        self._patch = pytest.MonkeyPatch()
        for name in CALLS:
            self._patch.setattr(os, name, self._watched(name, getattr(os, name)))
        opened = self._opened(io.open)
        for module in (builtins, io):  # pathlib looks into the latter
            self._patch.setattr(module, 'open', opened)
        return self

    def __exit__(self, *error) -> None:
        self._patch.undo()
        self._compare()

    def _call(self, function: Callable, *args, broken: Callable = lambda: None, **options):
        self._compare()
        self.calls += 1
        if self.calls == self.fail_at or (self.forever and self.calls > self.fail_at > 0):
            broken()
            self._compare()
            named = args[:1] if isinstance(args[0], (str, os.PathLike)) else ()
            raise OSError(errno.EIO, os.strerror(errno.EIO), *named)
        result = function(*args, **options)
        self._compare()
        return result

    def _watched(self, name: str, function: Callable) -> Callable:

        def watched(*args, **options):
            only_reads = name == 'open' and not args[1] & (os.O_WRONLY | os.O_RDWR)
            if only_reads or not any(map(self._is_inside, (*args, *options.values()))):
                return function(*args, **options)
            result = self._call(function, *args, **options)
            if name == 'fsync':
                self.operations.append(Sync(self._numbers[os.fstat(args[0]).st_ino]))
            return result

        return watched

    def _opened(self, function: Callable) -> Callable:
        call = self._call

        class Raw(io.FileIO):
            """Under the buffer of a file that is written."""

            def write(self, data) -> int:
                write = super().write
                return call(write, data, broken=lambda: write(data[: len(data) // 2]))

            def truncate(self, size: int | None = None) -> int:
                return call(super().truncate, size)

        def opened(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
            if not set(mode) & set('wxa+') or not self._is_inside(file):
                return function(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = call(Raw, file, mode.replace('b', '').replace('t', ''), closefd, opener)
            if buffering == 0:
                return raw
            buffered = (io.BufferedRandom if '+' in mode else io.BufferedWriter)(raw, 16)  # as if it were large
            return buffered if 'b' in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

        return opened

    def _is_inside(self, argument) -> bool:
        if isinstance(argument, int):
            with suppress(OSError):  # some numbers are flags
                return argument > 2 and os.fstat(argument).st_ino in self._numbers
        return isinstance(argument, (str, os.PathLike)) and self.folder in Path(os.path.abspath(argument)).parents

    def _compare(self) -> None:
        before, self._disk = self._disk, Disk()
        self._before, self._numbers = self._numbers, {os.stat(self.folder).st_ino: ROOT}
        self._scan(self.folder, ROOT)
        for number, names in self._disk.folders.items():
            old = before.folders.get(number, {})
            changes = {name: names.get(name) for name in {**old, **names} if old.get(name) != names.get(name)}
            if changes:
                self.operations.append(Names(number, changes))
        for number, content in self._disk.files.items():
            old = before.files.get(number, b'')
            if content != old:
                start = len(os.path.commonprefix([content, old]))
                end = len(content)
                if len(content) == len(old):
                    end -= len(os.path.commonprefix([content[:start:-1], old[:start:-1]]))
                self.operations.append(Write(number, start, content[start:end], len(content)))

    def _scan(self, folder: str | Path, number: int) -> None:
        names = self._disk.folders[number] = {}
        with os.scandir(folder) as entries:
            for entry in entries:
                # a number of the file system is used again after a deletion, ours is not
                inner = self._before.get(entry.inode()) or next(self._count) * (-1 if entry.is_dir() else 1)
                names[entry.name] = self._numbers[entry.inode()] = inner
                if inner < ROOT:
                    self._scan(entry.path, inner)
                elif not self.fail_at:
                    self._disk.files[inner] = Path(entry.path).read_bytes()
