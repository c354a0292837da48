"""The engines of a gallery beside one another: time, memory, and what approximate search finds of what exact finds.

    python benchmarks/search_engines.py                             # 1M x 256, then 200k x 512: 6 GiB on the disk
    python benchmarks/search_engines.py --sizes 20000x256 --queries 20     # seconds

The vectors are clustered: 20 images of each person, whose direction gets as much noise as it is long. Queries are other
images of people of the gallery. Each engine runs in a process of its own, on the same vectors: rows are appended in
blocks, exact search is timed, then the index for approximate search is made. For each effort there are recall@10, the
median time of a query alone, and its processor time: on a machine that does other work, compare the latter. Filtered
queries may find 5 % of the rows, which have one camera of 20. Milvus Lite stands for Milvus only in tests.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from haresreid.cli.arguments import user_path
from haresreid.search import KINDS, Gallery, create_gallery, open_gallery

URIS = dict(own='{}/own', lancedb='lancedb://{}/lancedb', milvus_lite='milvus://{}/lite.db/gallery')
IMAGES_PER_PERSON, CAMERAS, BLOCK, TOP = 20, 20, 25_000, 10


def images(people: np.ndarray, rows: int, dim: int, seed: tuple[int, ...]) -> np.ndarray:
    """(n, D) vectors of people, of whom there are ``rows / IMAGES_PER_PERSON``."""
    centres = np.random.default_rng(0).standard_normal((rows // IMAGES_PER_PERSON + 1, dim), dtype=np.float32)
    return centres[people] + np.random.default_rng(seed).standard_normal((len(people), dim), dtype=np.float32)


def blocks(rows: int, dim: int) -> Iterator[dict]:
    for start in range(0, rows, BLOCK):
        rng = np.random.default_rng((1, start))
        number = min(BLOCK, rows - start)
        people = rng.integers(0, max(1, rows // IMAGES_PER_PERSON), number)
        yield dict(
            features=images(people, rows, dim, (2, start)),
            paths=[f'{start + row:08d}.jpg' for row in range(number)],
            cameras=rng.integers(1, CAMERAS + 1, number),
            times=rng.uniform(0, 86400, number),
            tracks=people,
        )


@contextmanager
def measured(into: dict, name: str) -> Iterator[None]:
    start, processor = time.perf_counter(), time.process_time()
    yield
    into[f'{name} s'] = round(time.perf_counter() - start, 2)
    into[f'{name} processor s'] = round(time.process_time() - processor, 2)


def search(gallery: Gallery, queries: np.ndarray, **options) -> tuple[np.ndarray, float, float]:
    """(Q, k) ids, the median seconds of a query alone, and its mean processor seconds."""
    gallery.query(queries[0], TOP, **options)  # reads what stays in memory
    ids, seconds, processor = [], [], time.process_time()
    for query in queries:
        start = time.perf_counter()
        ids.append(gallery.query(query, TOP, **options).ids[0])
        seconds.append(time.perf_counter() - start)
    return np.stack(ids), float(np.median(seconds)), (time.process_time() - processor) / len(queries)


def recall(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.mean([np.isin(one, other).mean() for one, other in zip(exact, found)]))


def measure(engine: str, folder: str, rows: int, dim: int, args: argparse.Namespace) -> dict:
    result: dict = dict(engine=engine, rows=rows, dim=dim)
    uri = URIS[engine].format(folder)
    gallery = create_gallery(uri, dim)
    with measured(result, 'ingest'):  # drawing the vectors takes as long for each engine
        for block in blocks(rows, dim):
            gallery.append(**block)
    people = np.random.default_rng(3).integers(0, max(1, rows // IMAGES_PER_PERSON), args.queries)
    queries = images(people, rows, dim, (4,))
    exact = {}
    for name, options in (('all', {}), ('5 %', dict(cameras=1))):
        exact[name], seconds, processor = search(gallery, queries, **options)
        result[f'exact, {name}: ms'] = round(1e3 * seconds, 2)
        result[f'exact, {name}: processor ms'] = round(1e3 * processor, 2)
    with measured(result, f'{args.kind} made'):
        gallery.compact(args.kind)
    for effort in args.efforts:
        for name, options in (('all', {}), ('5 %', dict(cameras=1))):
            found, seconds, processor = search(gallery, queries, effort=effort, **options)
            key = f'{args.kind}, effort {effort:g}, {name}'
            result[f'{key}: recall@10'] = round(recall(found, exact[name]), 3)
            result[f'{key}: ms'] = round(1e3 * seconds, 2)
            result[f'{key}: processor ms'] = round(1e3 * processor, 2)
    # Linux counts in KiB; mapped pages, which the system may drop, are among it
    result['peak memory GiB'] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    result['disk GiB'] = round(
        sum(path.stat().st_size for path in Path(folder).rglob('*') if path.is_file()) / 2**30, 2
    )
    return result


def cold(engine: str, folder: str, dim: int) -> dict:
    """A process that opens a gallery and asks once, after its imports."""
    result: dict = {}
    if engine == 'lancedb':
        import lancedb  # noqa: F401
    if engine == 'milvus_lite':
        import pymilvus  # noqa: F401
    with measured(result, 'cold open and first query'):
        open_gallery(URIS[engine].format(folder)).query(np.ones(dim), TOP)
    return result


def child(*arguments: object) -> dict:
    """Run this script in a process of its own; what it prints last is its result."""
    process = subprocess.run([sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True)
    if process.returncode:
        return {'failed': process.stderr.strip().splitlines()[-1][:200] if process.stderr else process.returncode}
    return json.loads(process.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sizes', nargs='+', default=['1000000x256', '200000x512'], metavar='ROWSxDIM')
    parser.add_argument('--engines', nargs='+', choices=URIS, default=list(URIS))
    parser.add_argument('--kind', choices=KINDS[1:], default='ivf')
    parser.add_argument('--efforts', nargs='+', type=float, default=[1, 4])
    parser.add_argument('--queries', type=int, default=50)
    parser.add_argument('--folder', type=user_path, help=argparse.SUPPRESS)  # in a child
    parser.add_argument('--cold', action='store_true', help=argparse.SUPPRESS)
    args = parser.parse_args()
    sizes = [tuple(map(int, size.split('x'))) for size in args.sizes]
    if args.folder:
        (rows, dim), (engine,) = sizes[0], args.engines
        print(
            json.dumps(cold(engine, args.folder, dim) if args.cold else measure(engine, args.folder, rows, dim, args))
        )
        return
    for (rows, dim), size in zip(sizes, args.sizes):
        table: dict[str, dict] = {}
        for engine in args.engines:
            folder = tempfile.mkdtemp()
            options = ['--sizes', size, '--engines', engine, '--folder', folder, '--kind', args.kind]
            options += ['--queries', args.queries, '--efforts', *args.efforts]
            try:
                table[engine] = child(*options)
                if 'failed' not in table[engine]:
                    table[engine] |= child(*options, '--cold')
            finally:
                shutil.rmtree(folder)
            print(f'{engine}: {json.dumps(table[engine])}', file=sys.stderr, flush=True)
        names = dict.fromkeys(
            name for result in table.values() for name in result if name not in ('engine', 'rows', 'dim')
        )
        print(f'\n{rows:,} x {dim}, {args.kind}, {args.queries} queries\n\n| | {" | ".join(table)} |')
        print('|---|' + '--:|' * len(table))
        for name in names:
            print(f'| {name} | {" | ".join(str(result.get(name, "")) for result in table.values())} |', flush=True)


if __name__ == '__main__':
    main()
