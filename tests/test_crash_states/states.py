"""What may be on the disk after a power failure, and what becomes of it. Mirrors no module: tries all that write."""

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from haresreid.cli.errors import clear_errors

from .recorder import Disk, Names, Recorder, Sync, Write

Tree = dict[str, bytes | None]
# of a write: all of it, nothing, its first half, its length alone, its length and its second half
FATES = {Write: ('whole', 'none', 'head', 'zeros', 'tail'), Names: ('whole', 'none')}
ALL_FATES = 256  # where there are more combinations, at most two operations have another fate than the rest


def crash_states(recorder: Recorder, ends: Iterable[int]) -> list[Tree]:
    """The different trees that the disk may hold after the first so many operations.

    What was synced is there. Of all else any part may be there: no order is promised, so each has a fate of its own.
    """
    found = {}
    for end in ends:
        done = recorder.operations[:end]
        last_sync = {operation.number: index for index, operation in enumerate(done) if isinstance(operation, Sync)}
        lasting, pending = [], []
        for index, operation in enumerate(done):
            if not isinstance(operation, Sync):
                (lasting if index < last_sync.get(operation.number, -1) else pending).append(operation)
        for fates in _combinations([FATES[type(operation)] for operation in pending]):
            disk = Disk(dict(recorder.base.files), {key: dict(names) for key, names in recorder.base.folders.items()})
            for operation, fate in zip(lasting + pending, ['whole'] * len(lasting) + list(fates)):
                _apply(operation, fate, disk)
            tree = disk.tree()
            found[frozenset(tree.items())] = tree
    return list(found.values())


def _combinations(options: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    count = 1
    for fates in options:
        count *= len(fates)
    if count <= ALL_FATES:
        yield from itertools.product(*options)
        return
    for rest in ('whole', 'none'):
        for chosen in itertools.combinations(range(len(options)), 2):
            for fates in itertools.product(*(options[index] for index in chosen)):
                combination = [rest] * len(options)
                combination[chosen[0]], combination[chosen[1]] = fates
                yield tuple(combination)


def _apply(operation: Write | Names, fate: str, disk: Disk) -> None:
    if fate == 'none':
        return
    if isinstance(operation, Names):
        names = disk.folders.setdefault(operation.number, {})
        for name, number in operation.changes.items():
            names.pop(name, None) if number is None else names.update({name: number})
        return
    number, start, data, length = operation
    half = len(data) // 2
    data = {'whole': data, 'head': data[:half], 'zeros': bytes(len(data)), 'tail': bytes(half) + data[half:]}[fate]
    before = disk.files.get(number, b'')
    disk.files[number] = (before.ljust(start, b'\0')[:start] + data + before[start + len(data) :])[:length]


class Proof(NamedTuple):
    """What was tried.

    Attributes:
        calls (int): Of the operation.
        states (int): Different states of the disk after a crash.
        old (int): Those that are the version before.
        new (int): Those that are the version after.
        faults (int): Calls that were made to fail, each alone and each with all that follow.
    """

    calls: int
    states: int
    old: int
    new: int
    faults: int


class Writer(NamedTuple):
    """An operation under test.

    Attributes:
        prepare (callable): Makes the version before in an empty folder.
        change (callable): Makes the version after of it; may be repeated.
        look (callable): Tells 'old' from 'new', and raises where a folder is neither.
    """

    prepare: Callable[[Path], None]
    change: Callable[[Path], None]
    look: Callable[[Path], str]


def prove(writer: Writer, tmp_path: Path) -> Proof:
    """Try every crash and every fault.

    After a crash the folder is the version before or after, the latter if the change had ended, and the change succeeds
    when it is made again, which is tried once for each set of names and lengths. So it is after a fault, which is told
    in one sentence that names a file.

    Raises:
        AssertionError: A state is neither, or something else of this does not hold.
    """
    before, folder = tmp_path / 'before', tmp_path / 'folder'
    before.mkdir()
    writer.prepare(before)
    recorder = Recorder(_fresh(before, folder))
    with recorder:
        writer.change(folder)
    assert writer.look(folder) == 'new'
    count = len(recorder.operations)
    tried = set()
    labels = [_after_crash(writer, tree, folder, tried) for tree in crash_states(recorder, range(count + 1))]
    for tree in crash_states(recorder, [count]):
        assert _after_crash(writer, tree, folder, tried) == 'new', f'lost although it was done: {sorted(tree)}'
    faults = sum(
        _after_fault(writer, _fresh(before, folder), number, forever)
        for number in range(1, recorder.calls + 1)
        for forever in (False, True)
    )
    return Proof(recorder.calls, len(labels), labels.count('old'), labels.count('new'), faults)


def _after_crash(writer: Writer, tree: Tree, folder: Path, tried: set) -> str:
    _fresh(None, folder)
    for path, content in tree.items():
        (folder / path).mkdir() if content is None else (folder / path).write_bytes(content)
    sizes = {path: content if content is None else len(content) for path, content in tree.items()}
    try:
        label = writer.look(folder)
        if frozenset(sizes.items()) not in tried:
            tried.add(frozenset(sizes.items()))
            writer.change(folder)
            assert writer.look(folder) == 'new'
    except Exception as error:
        raise AssertionError(f'neither old nor new, or no way on: {sizes}') from error
    return label


def _after_fault(writer: Writer, folder: Path, number: int, forever: bool) -> bool:
    try:
        with clear_errors(), Recorder(folder, number, forever):
            writer.change(folder)
    except SystemExit as stopped:
        assert '\n' not in stopped.code and str(folder) in stopped.code, stopped.code
    assert writer.look(folder) in ('old', 'new')
    writer.change(folder)
    assert writer.look(folder) == 'new'
    return True


def _fresh(source: Path | None, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder) if source else folder.mkdir()
    return folder
