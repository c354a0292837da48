"""kills.py URI points|few|moments|readers|two: writers that append, delete and compact until SIGKILL ends them.

Ids are numbers in a row, a batch per append, and a vector follows from its id: so it shows whether a batch is whole.
This process opens no gallery before it forks, because an engine may start threads, which a fork does not copy.
"""

import os
import random
import signal
import sys
import time

import numpy as np

from haresreid.search import create_gallery, open_gallery
from haresreid.search.gallery import Gallery

BATCH, DIM = 50, 8


def vectors_of(ids: np.ndarray) -> np.ndarray:
    angles = ids[:, None] * np.arange(1, DIM + 1) * 0.37
    return np.sin(angles) + 1.5


def append(gallery: Gallery, start: int) -> None:
    ids = start + np.arange(BATCH)
    gallery.append(vectors_of(ids), [f'{number}.jpg' for number in ids], times=ids, ids=ids)


def write(gallery: Gallery, acknowledged: int) -> None:
    """A batch more, and every third time the oldest batch less."""
    while True:
        start = int(gallery._columns(('id',))['id'].max(initial=-1)) + 1
        append(gallery, start)
        os.write(acknowledged, start.to_bytes(8, 'little', signed=True))
        if start // BATCH % 3 == 2:
            gallery.delete(until=int(gallery._columns(('time',))['time'].min()) + BATCH)
            gallery.compact()


def check(gallery: Gallery) -> np.ndarray:
    """Whole batches with their own vectors and paths; returns the ids."""
    blocks = list(gallery.blocks())
    ids = np.concatenate([block.columns['id'] for block in blocks] or [np.empty(0, int)])
    assert (np.unique(ids // BATCH, return_counts=True)[1] == BATCH).all() and len(set(ids)) == len(ids)
    for block in blocks:
        expected = vectors_of(block.columns['id'])
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert np.abs(block.features - expected).max(initial=0) < 1e-6
        assert block.paths == [f'{number}.jpg' for number in block.columns['id']]
    return ids


def forked(function, *args) -> int:
    """The process id of a child that calls a function, and exits with 0 when it returns."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            function(*args)
            sys.stdout.flush()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
        finally:
            os._exit(1)
    return child


def succeed(*children: int) -> None:
    for child in children:
        assert os.waitpid(child, 0)[1] == 0, 'a child failed'


def killed_writer(uri: str, last: int, in_child, in_parent) -> int:
    """Start a writer, which checks what the one before it has left, and let it be killed.

    Returns the first id of the last batch that was acknowledged, or -1.
    """
    reader, acknowledged = os.pipe()

    def run() -> None:
        gallery = open_gallery(uri)
        check_after(gallery, last)
        os.write(acknowledged, last.to_bytes(8, 'little', signed=True))
        in_child()
        write(gallery, acknowledged)

    child = forked(run)
    os.close(acknowledged)
    content = os.read(reader, 8)
    in_parent(child)
    while part := os.read(reader, 4096):
        content += part
    os.close(reader)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL, 'the writer failed'
    return int.from_bytes(content[-8:], 'little', signed=True)


def at_point(point: int):
    """Kill at so manyth call that makes something last."""

    def kill() -> None:
        calls = iter(range(point + 1))

        def counted(call):

            def wrapped(*args):
                if next(calls) == point:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args)

            return wrapped

        os.fsync, os.replace = counted(os.fsync), counted(os.replace)

    return kill, lambda child: None


def after(seconds: float):

    def kill(child: int) -> None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)

    return lambda: None, kill


def check_after(gallery: Gallery, acknowledged: int) -> None:
    ids = check(gallery)
    assert acknowledged < 0 or acknowledged in ids, f'batch {acknowledged} was acknowledged and is gone'
    print(f'{len(ids)} rows', end=', ', flush=True)


def read(uri: str) -> None:
    """Beside a writer, until 20 versions have been seen."""
    versions, gallery, end = set(), open_gallery(uri), time.monotonic() + 30
    while time.monotonic() < end and len(versions) < 20:
        ids = check(gallery)
        hits = gallery.query(vectors_of(np.arange(3)), 5)
        assert len(hits.ids[0]) == 5 or not len(ids)  # the oldest batch goes when another has come
        versions.add(tuple(ids))
    assert len(versions) > 5, f'only {len(versions)} versions were seen'


def write_part(uri: str, first: int) -> None:
    gallery = open_gallery(uri)
    for number in range(10):
        append(gallery, first + number * BATCH)
        if number == 5:
            assert gallery.delete(ids=range(first, first + BATCH)) == BATCH
            gallery.compact()


def check_two(uri: str) -> None:
    assert len(check(open_gallery(uri))) == 2 * 9 * BATCH


def main() -> None:
    uri, mode = sys.argv[1:]
    succeed(forked(create_gallery, uri, DIM))
    if mode == 'readers':
        writer = forked(lambda: write(open_gallery(uri), os.open(os.devnull, os.O_WRONLY)))
        reader = forked(read, uri)
        succeed(reader)
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        return
    if mode == 'two':
        succeed(*(forked(write_part, uri, first) for first in (0, 10**6)))
        succeed(forked(check_two, uri))
        return
    rng = random.Random(0)
    # an append to the engine of our own makes 7 of these calls, a deletion 4, a compaction 9: 34 are three appends
    # with both
    if mode == 'points':
        kills = [at_point(point) for point in range(34)]
    else:
        kills = [after(rng.uniform(0, 0.3)) for _ in range(3 if mode == 'few' else 24)]
    last = -1
    for kill in kills:
        last = killed_writer(uri, last, *kill)
    succeed(forked(lambda: check_after(open_gallery(uri), last)))
    print(f'{len(kills)} kills')


if __name__ == '__main__':
    main()
