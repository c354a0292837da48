"""The gallery index with many vectors: time, memory, and what approximate search finds of what exact search finds.

    python benchmarks/search.py --rows 1000000 --kinds ivf      # 8 GB on the disk, 2 GB more for the IVF
    python benchmarks/search.py --rows 200000
    python benchmarks/search.py --rows 50000 --data random           # where no approximate search can do well

``--data people``: 20 images of each person. A person is the sum of three out of 900 looks, so that people are alike
in part; as much noise is added, and what images of one modality share, as in cross-modal retrieval: cameras 1 to 5
are visible, 6 to 10 infrared. The queries are other infrared images of people of the gallery. ``--data random``:
independent directions. In 2048 dimensions all are nearly orthogonal, the ten nearest are hardly nearer than the rest,
and recall says little about real features.

Memory is anonymous memory: pages mapped from the vectors' file are the system's to drop, and are not counted.
"""

import argparse
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from haresreid.cli.arguments import user_path
from haresreid.search import KINDS, GalleryIndex

IMAGES_PER_PERSON = 20
BLOCK = 25_000
DAY = 24 * 3600
FILTERS = {
    'all': dict(),
    'visible': dict(modality='visible'),
    'not camera 6': dict(exclude_cameras=6),
    'visible, 8 hours': dict(modality='visible', since=8 * 3600, until=16 * 3600),
    'camera 1': dict(cameras=1),
    'visible, 10 minutes': dict(modality='visible', since=43200, until=43800),
}


class Data:
    """Vectors that are drawn in blocks, each from a seed of its own."""

    def __init__(self, kind: str, rows: int, dim: int):
        self.kind, self.rows, self.dim = kind, rows, dim
        self.looks = np.random.default_rng(0).standard_normal((3, 300, dim), dtype=np.float32) / np.float32(3**0.5)
        self.gap = np.random.default_rng(1).standard_normal(dim, dtype=np.float32)

    def images(self, people: np.ndarray, infrared: np.ndarray, seed: int) -> np.ndarray:
        features = np.random.default_rng((1, seed)).standard_normal((len(people), self.dim), dtype=np.float32)  # (n, D)
        if self.kind == 'people':
            chosen = np.random.default_rng(2).integers(0, 300, (3, self.rows // IMAGES_PER_PERSON + 1))  # (3, people)
            for looks, numbers in zip(self.looks, chosen[:, people]):
                features += looks[numbers]
            features += np.where(infrared, 0.5, -0.5).astype(np.float32)[:, None] * self.gap
        return features

    def blocks(self) -> Iterator[dict]:
        for start in range(0, self.rows, BLOCK):
            rng = np.random.default_rng((3, start))
            number = min(BLOCK, self.rows - start)
            people = rng.integers(0, max(1, self.rows // IMAGES_PER_PERSON), number)
            cameras = rng.integers(1, 11, number)
            yield dict(
                features=self.images(people, cameras > 5, start),
                paths=[f'cam{camera}/{start + row:08d}.jpg' for row, camera in enumerate(cameras)],
                cameras=cameras,
                times=rng.uniform(0, DAY, number),
                modalities=(cameras > 5).astype(int),
            )

    def queries(self, number: int) -> np.ndarray:
        people = np.random.default_rng(4).integers(0, max(1, self.rows // IMAGES_PER_PERSON), number)
        return self.images(people, np.ones(number, dtype=bool), self.rows)


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print the time of a block and the most anonymous memory that it took, sampled."""
    peak, done = [_anonymous()], threading.Event()

    def sample() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], _anonymous())

    sampler = threading.Thread(target=sample)
    sampler.start()
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        done.set()
        sampler.join()
        print(f'{what}: {seconds:.1f} s, peak memory {peak[0] / 2**30:.2f} GiB', flush=True)


def _anonymous() -> int:
    lines = Path('/proc/self/status').read_text(encoding='ascii').splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith('RssAnon:'))


def timed(search: Callable, queries: np.ndarray, singles: int) -> tuple[np.ndarray, float, float]:
    """Ids for all queries at once, queries/s of that, and the median time of one query alone."""
    start = time.perf_counter()
    ids = search(queries).ids
    rate = len(queries) / (time.perf_counter() - start)
    seconds = []
    for query in queries[:singles]:
        start = time.perf_counter()
        search(query)
        seconds.append(time.perf_counter() - start)
    return ids, rate, float(np.median(seconds))


def search(index: GalleryIndex, kind: str, effort: float, queries: np.ndarray, singles: int, reference: dict) -> dict:
    """Print a table; returns the ids for each filter."""
    print(
        f'| kind | effort | rows searched | recall@10 | ms, one query | queries/s, {len(queries)} at once |\n'
        '|---|--:|---|--:|--:|--:|'
    )
    found = {}
    for name, conditions in FILTERS.items():
        ids, rate, seconds = timed(partial(index.query, top=10, effort=effort, **conditions), queries, singles)
        recall = np.mean([np.isin(one, other).mean() for one, other in zip(reference.get(name, ids), ids)])
        print(f'| {kind} | {effort:g} | {name} | {recall:.3f} | {1e3 * seconds:.1f} | {rate:.0f} |', flush=True)
        found[name] = ids
    return found


def check_sums(folder: Path, query: np.ndarray) -> None:
    """What checksums cost an exact search when a process asks once: processor time, which other jobs do not change."""
    seconds = [time.process_time()]
    with patch.dict(sys.modules, faiss=None):
        index = GalleryIndex(folder)
        for action in (lambda: index.query(query), index.paths, lambda: index.query(query)):
            action()
            seconds.append(time.process_time())
    first, paths, second = np.diff(seconds)
    print(
        f'processor seconds: opening and the first exact search {first:.2f}, all paths {paths:.2f}, a second search '
        f'{second:.2f}',
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rows', type=int, default=200_000)
    parser.add_argument('--dim', type=int, default=2048)
    parser.add_argument('--data', choices=['people', 'random'], default='people')
    parser.add_argument('--kinds', nargs='+', choices=KINDS[1:], default=list(KINDS[1:]))
    parser.add_argument('--efforts', nargs='+', type=float, default=[1, 4], help='of the approximate kinds')
    parser.add_argument('--queries', type=int, default=100, help='at once')
    parser.add_argument('--singles', type=int, default=20, help='one by one')
    parser.add_argument('--folder', type=user_path, help='keep the index there, or take the one that is there')
    args = parser.parse_args()
    if args.folder:
        run(Path(args.folder), args)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder) / 'index', args)


def run(folder: Path, args: argparse.Namespace) -> None:
    data = Data(args.data, args.rows, args.dim)
    if folder.exists():
        index = GalleryIndex(folder)
    else:
        index = GalleryIndex.create(folder, args.dim)
        seconds = 0.0
        for block in data.blocks():
            start = time.perf_counter()
            index.append(**block)
            seconds += time.perf_counter() - start
        size = index.stats()['bytes']
        print(f'append: {seconds:.1f} s for {size / 2**30:.2f} GiB, {len(index) / seconds:,.0f} rows/s', flush=True)
    queries = data.queries(args.queries)
    print(f'{len(index):,} x {index.dim}, {args.data}')
    check_sums(folder, queries[0])
    reference = {}
    for kind in args.kinds:
        with measured(f'making it {kind}'):
            index.compact(kind)
        if not reference:
            with measured('searching exactly'), patch.dict(sys.modules, faiss=None):  # as where faiss is missing
                reference = search(index, 'exact', 1, queries, args.singles, {})
        with measured(f'searching with {kind}'):
            for effort in args.efforts:
                search(index, kind, effort, queries, args.singles, reference)
        print(f'{index.stats()["bytes"] / 2**30:.2f} GiB on the disk', flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux counts in KiB
    print(f'peak resident memory, mapped pages among it: {peak:.1f} GiB')


if __name__ == '__main__':
    main()
