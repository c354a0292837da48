"""A night of tracks written into a gallery, minute by minute, while it is searched and its writer is killed.

    python benchmarks/night.py                          # 20,000 tracks, 20 kills
    python benchmarks/night.py --tracks 2000 --kills 3  # seconds
    python benchmarks/night.py --uri lancedb://{}/night

Four cameras watch for eight hours (the vectors of benchmarks/assign.py); a minute's tracks are one append. A writer
acknowledges each append after it has returned. It is killed with SIGKILL at random moments and goes on where the
gallery ends. After each kill every acknowledged track must be there with its vector. A reader in the parent opens the
gallery after each minute and asks one query. Time goes as fast as the writer can.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from itertools import pairwise

import numpy as np
from assign import HOURS, night

from haresreid.cli.arguments import user_path
from haresreid.search import Gallery, create_gallery, open_gallery
from haresreid.search.columns import TRACK_COLUMNS

RECORD = 16  # bytes of an acknowledgement: tracks, and the writer's memory in KiB


def minutes(rows: dict, start: int) -> list[tuple[int, int]]:
    """First and last row of each minute's tracks, from row ``start`` on."""
    ends = np.searchsorted(rows['times'], 60 * np.arange(HOURS * 60 + 1)[1:])
    return [(first, last) for first, last in pairwise([start, *ends[ends > start]])]


def taken(rows: dict, first: int, last: int) -> dict:
    part = {name: value[first:last] for name, value in rows.items() if name != 'columns'}
    return dict(part, columns={name: value[first:last] for name, value in rows['columns'].items()})


def memory(process: int) -> int:
    """Resident memory of a process, KiB."""
    with open(f'/proc/{process}/status', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))


def write(uri: str, rows: dict) -> None:
    """The writer: what the gallery lacks, a minute at a time."""
    gallery = open_gallery(uri)
    for first, last in minutes(rows, len(gallery)):
        gallery.append(**taken(rows, first, last))
        os.write(1, np.array([last, memory(os.getpid())], np.int64).tobytes())


def lost(gallery: Gallery, rows: dict, acknowledged: int) -> int:
    """How many acknowledged tracks are missing or have another vector."""
    right = np.zeros(len(rows['times']), bool)
    for block in gallery.blocks():
        tracks = block.columns['track']
        expected = rows['features'][tracks]
        expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
        right[tracks] = np.abs(block.features - expected).max(1) < 1e-5
    return int((~right[:acknowledged]).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tracks', type=int, default=20_000)
    parser.add_argument('--dim', type=int, default=512)
    parser.add_argument('--kills', type=int, default=20)
    parser.add_argument('--uri', type=user_path, default='{}/night', help='of the gallery, {} is a new folder')
    parser.add_argument('--write', type=user_path, metavar='URI', help=argparse.SUPPRESS)  # in the writer
    args = parser.parse_args()
    rows, _ = night(args.tracks, args.dim)
    if args.write:
        write(args.write, rows)
        return
    moments = sorted(random.Random(0).sample(range(1, args.tracks), args.kills))
    with tempfile.TemporaryDirectory() as folder:
        uri = args.uri.format(folder)
        create_gallery(uri, args.dim, columns=TRACK_COLUMNS)
        acknowledged = missing = writing = 0
        seconds, sizes = [], []
        while acknowledged < args.tracks:
            options = ['--tracks', str(args.tracks), '--dim', str(args.dim), '--write', uri]
            with subprocess.Popen([sys.executable, __file__, *options], stdout=subprocess.PIPE) as writer:
                started = None
                while record := writer.stdout.read(RECORD):
                    started = started or time.perf_counter()
                    acknowledged, size = np.frombuffer(record, np.int64).tolist()
                    sizes.append(size)
                    if moments and acknowledged >= moments[0]:
                        del moments[0]
                        time.sleep(random.Random(acknowledged).uniform(0, 0.05))
                        os.kill(writer.pid, signal.SIGKILL)
                        break
                    begin = time.perf_counter()
                    open_gallery(uri).query(rows['features'][acknowledged // 2], 10, modality=0)
                    seconds.append(time.perf_counter() - begin)
                rest = writer.stdout.read()  # acknowledged before the signal came
                acknowledged = int(np.frombuffer(rest, np.int64)[-2]) if rest else acknowledged
                writing += time.perf_counter() - (started or time.perf_counter())
            missing += lost(open_gallery(uri), rows, acknowledged)
    tenth = max(1, len(seconds) // 10)
    first, last = (1e3 * np.median(part) for part in (seconds[:tenth], seconds[-tenth:]))
    begin, end = (np.median(part) / 1024 for part in (sizes[:tenth], sizes[-tenth:]))
    print(
        f'{args.tracks:,} tracks in {args.kills} kills: {missing} acknowledged ones lost\n'
        f'{args.tracks / writing:,.0f} tracks/s, a query after each minute among it\n'
        f'a query: {first:.1f} ms in the first tenth, {last:.1f} ms in the last\n'
        f"the writer's memory: {begin:.0f} MiB in the first tenth, {end:.0f} MiB in the last"
    )


if __name__ == '__main__':
    main()
