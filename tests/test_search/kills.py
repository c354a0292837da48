"""kills.py INDEX points|moments|readers: writers that append, delete and compact until SIGKILL ends them.

Ids are numbers in a row, a batch per append, and a vector follows from its id: so it shows whether a batch is whole.
"""

import os
import random
import signal
import sys
import time

import numpy as np

from haresreid.search import GalleryIndex

BATCH, DIM = 50, 8


def vectors_of(ids: np.ndarray) -> np.ndarray:
    angles = ids[:, None] * np.arange(1, DIM + 1) * 0.37
    return np.sin(angles) + 1.5


def write(index: GalleryIndex, acknowledged: int) -> None:
    """A batch more, and every third time the oldest batch less."""
    while True:
        start = index._store.read().manifest['next_id']
        ids = start + np.arange(BATCH)
        assert index.append(vectors_of(ids), [f'{number}.jpg' for number in ids], times=ids).tolist() == ids.tolist()
        os.write(acknowledged, start.to_bytes(8, 'little'))
        if start // BATCH % 3 == 2:
            index.delete(until=int(index._store.read().rows['time'].min()) + BATCH)
            index.compact()


def check(index: GalleryIndex) -> np.ndarray:
    """Whole batches with their own vectors and paths; returns the ids."""
    snapshot = index._store.read()
    rows = np.flatnonzero(snapshot.alive)
    ids = snapshot.rows['id'][rows]
    assert (np.unique(ids // BATCH, return_counts=True)[1] == BATCH).all() and len(set(ids)) == len(ids)
    expected = vectors_of(ids)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(snapshot.vectors[rows] - expected).max(initial=0) < 1e-6
    assert snapshot.paths(rows) == [f'{number}.jpg' for number in ids]
    return ids


def killed_writer(folder: str, kill) -> int:
    """Start a writer and let it be killed; returns the first id of the last batch that it acknowledged, or -1."""
    reader, acknowledged = os.pipe()
    child = os.fork()
    if not child:
        try:
            index = GalleryIndex(folder)
            kill(os.getpid())
            write(index, acknowledged)
        finally:
            os._exit(1)
    os.close(acknowledged)
    kill(child)
    content = b''
    while part := os.read(reader, 4096):
        content += part
    os.close(reader)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL, 'the writer failed'
    return int.from_bytes(content[-8:], 'little') if content else -1


def at_point(point: int):
    """Kill at so manyth call that makes something last."""
    parent = os.getpid()

    def kill(process: int) -> None:
        if process == parent or os.getpid() == parent:
            return
        calls = iter(range(point + 1))

        def counted(call):

            def wrapped(*args):
                if next(calls) == point:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args)

            return wrapped

        os.fsync, os.replace = counted(os.fsync), counted(os.replace)

    return kill


def after(seconds: float):
    parent = os.getpid()

    def kill(process: int) -> None:
        if os.getpid() == parent:
            time.sleep(seconds)
            os.kill(process, signal.SIGKILL)

    return kill


def main() -> None:
    folder, mode = sys.argv[1:]
    index = GalleryIndex.create(folder, DIM)
    if mode == 'readers':  # beside a writer, until they have seen 20 versions
        child = os.fork()
        if not child:
            write(GalleryIndex(folder), os.open(os.devnull, os.O_WRONLY))
        versions = set()
        end = time.monotonic() + 20
        while time.monotonic() < end and len(versions) < 20:
            ids = check(index)
            hits = index.query(vectors_of(np.arange(3)), 5)
            assert len(hits.ids[0]) == 5 or not len(ids)  # the oldest batch goes when another has come
            versions.add(index._store.read().manifest['version'])
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert len(versions) > 5, f'only {len(versions)} versions were seen'
        return
    rng = random.Random(0)
    # an append makes 7 of these calls, a deletion 4, a compaction 9: 34 are three appends with both
    kills = (
        [at_point(point) for point in range(34)]
        if mode == 'points'
        else [after(rng.uniform(0, 0.05)) for _ in range(24)]
    )
    for kill in kills:
        acknowledged = killed_writer(folder, kill)
        ids = check(index)
        assert acknowledged < 0 or acknowledged in ids, f'batch {acknowledged} was acknowledged and is gone'
        assert (check(GalleryIndex(folder)) == ids).all()
    print(f'{len(kills)} kills, version {index._store.read().manifest["version"]}')


if __name__ == '__main__':
    main()
