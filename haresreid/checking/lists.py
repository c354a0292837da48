"""Reading id lists and index files completely, even with faults in them."""

import json
import os.path as osp
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from haresreid.datasets.layout import parse_index_line
from haresreid.files.numbers import whole_number
from haresreid.files.text_files import read_text

from .finding import Finding, Severity, counted, few
from .tree import Tree

__all__ = ['ListReader']


class ListReader:
    """Reads the lists of a tree and collects their faults for :meth:`findings`.

    Args:
        tree: The files.
        form: What right lines look like.

    Attributes:
        missing: Lists that were asked for and do not exist.
    """

    def __init__(self, tree: Tree, form: str):
        self.tree = tree
        self.form = form
        self.missing: list[str] = []
        self._no_text: dict[str, str] = {}
        self._bad_lines: list[str] = []
        self._foreign_lines: list[str] = []
        self._repeated: list[str] = []
        self._absent: dict[str, set[str]] = defaultdict(set)  # image -> lists
        self._labels: list[Finding] = []

    def ids(self, path: str) -> set[int]:
        """Identities of a one-line list ``6,10,17``. Only the first line counts, as in all known code."""
        first, *rest = self._lines(path) or ['']
        words = [word.strip() for word in first.split(',') if word.strip()]
        numbers = []
        for word in words:
            with suppress(ValueError):
                numbers.append(whole_number(word))
        if len(numbers) < len(words):
            self._bad_lines.append(f'{path}:1')
        self._bad_lines += [f'{path}:{number}' for number, line in enumerate(rest, 2) if line.strip()]
        if len(set(numbers)) < len(numbers):
            self._repeated.append(f'{path}:1')
        return set(numbers)

    def index(self, path: str, folder: str) -> list[tuple[str, int, int]]:
        """(image path, pid, label) of every line ``folder/<identity>/<image> <label>``, each image once."""
        entries = {}
        for number, line in enumerate(self._lines(path), 1):
            if not line.strip():
                continue
            try:
                image, pid, label = parse_index_line(line)
            except ValueError:
                self._bad_lines.append(f'{path}:{number}')
                continue
            image = posixpath.normpath(image)
            if not image.startswith(f'{folder}/'):
                self._foreign_lines.append(f'{path}:{number}')
            elif image in entries:
                self._repeated.append(f'{path}:{number}')
            else:
                entries[image] = (image, pid, label)
                if image not in self.tree.files:
                    self._absent[image].add(path)
        return list(entries.values())

    def parsed(self, path: str, parse: Callable[[str], Any]) -> list[tuple[int, Any]]:
        """(line number, what ``parse`` makes of it) of every line; one on which it raises ``ValueError`` is a fault."""
        entries = []
        for number, line in enumerate(self._lines(path), 1):
            if line.strip():
                try:
                    entries.append((number, parse(line)))
                except ValueError:
                    self._bad_lines.append(f'{path}:{number}')
        return entries

    def json(self, path: str) -> Any:
        """The content of a JSON file; an empty dict if there is none."""
        try:
            return json.loads('\n'.join(self._lines(path)) or '{}')
        except ValueError:
            self._bad_lines.append(path)
            return {}

    def bad_line(self, path: str, number: int) -> None:
        """Report a line that does not fit to another file."""
        self._bad_lines.append(f'{path}:{number}')

    def require(self, path: str, image: str) -> None:
        """Report an image of a list that is not on disk."""
        if image not in self.tree.files:
            self._absent[image].add(path)

    def check_labels(self, paths: tuple[str, ...], entries: list[tuple[str, int, int]]) -> None:
        """Check that training labels are 0..C-1 and that each stands for one identity, in both modalities."""
        pids, labels = defaultdict(set), defaultdict(set)
        for _, pid, label in entries:
            pids[label].add(pid)
            labels[pid].add(label)
        wrong = [
            f'label {label} stands for the identities {few(sorted(several))}'
            for label, several in sorted(pids.items())
            if len(several) > 1
        ]
        wrong += [
            f'identity {pid} has the labels {few(sorted(several))}'
            for pid, several in sorted(labels.items())
            if len(several) > 1
        ]
        gaps = sorted(set(range(len(labels))) - set(pids))
        if gaps and not wrong:
            wrong = [f'{len(labels)} identities have labels up to {max(pids)}, none has {few(gaps)}']
        if wrong:
            self._labels.append(
                Finding(
                    Severity.ERROR,
                    'labels',
                    f'Training labels must be one number 0..C-1 per identity: {few(wrong, 2)}.',
                    'Take the visible and the infrared list from one release.',
                    paths,
                )
            )

    def findings(self) -> Iterator[Finding]:
        """All faults in the lists read so far."""
        for path in self.missing:
            elsewhere = [file for file in self.tree.files if posixpath.basename(file) == posixpath.basename(path)]
            yield Finding(
                Severity.ERROR,
                'missing list',
                f'The list {path} does not exist.',
                f'Move {elsewhere[0]} there.' if elsewhere else 'Copy it from the official release.',
                (path,),
            )
        for path, error in self._no_text.items():
            yield Finding(
                Severity.ERROR,
                'unreadable list',
                f'{error}.',
                'Save it as UTF-8, or take it from the official release again.',
                (path,),
            )
        for kind, found, lines in (
            (
                'bad line',
                f'that cannot be read: {self.form}.',
                self._bad_lines,
            ),
            ('bad line', "with an image outside the folder of the list's modality.", self._foreign_lines),
            ('duplicate line', 'with an entry that the list has already.', self._repeated),
        ):
            if lines:
                yield Finding(
                    Severity.ERROR,
                    kind,
                    f'{counted(len(lines), "line")} {found}',
                    'Correct the list, or take it from the official release again.',
                    tuple(lines),
                )
        if self._absent:
            lists = sorted(set().union(*self._absent.values()))
            yield Finding(
                Severity.ERROR,
                'missing image',
                f'{counted(len(self._absent), "image")} on a list but not on disk ({few(lists, 2)}).',
                'Unpack the data set again.',
                tuple(sorted(self._absent)),
            )
        yield from self._labels

    def _lines(self, path: str) -> list[str]:
        if path not in self.tree.files:
            self.missing.append(path)
            return []
        try:
            return read_text(osp.join(self.tree.root, path)).splitlines()
        except ValueError as error:
            self._no_text[path] = str(error)
            return []
