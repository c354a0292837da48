"""A night of tracks made into people: time and memory of haresreid search assign.

    python benchmarks/assign.py                                    # 20,000 tracks
    python benchmarks/assign.py --tracks 2000 --min-similarity -1  # all in one component, the worst case

Four cameras, of which two are infrared, watch for eight hours. Each person is seen in ten tracks of 5 to 60 seconds.
The vectors are drawn: a person's direction gets as much noise as it is long, so two tracks of it have a similarity of
one half. They say nothing about real features.
"""

import argparse
import resource
import tempfile
import time

import numpy as np

from haresreid.search import create_gallery
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.search.people import assign_people, judge_assignment

HOURS, CAMERAS, TRACKS_OF_A_PERSON = 8, 4, 10


def night(tracks: int, dim: int) -> tuple[dict, np.ndarray]:
    """Rows to append, and the person of each."""
    rng = np.random.default_rng(0)
    people = rng.integers(0, max(1, tracks // TRACKS_OF_A_PERSON), tracks)
    centres = rng.standard_normal((people.max() + 1, dim), dtype=np.float32)
    cameras, first = rng.integers(1, CAMERAS + 1, tracks), np.sort(rng.uniform(0, HOURS * 3600, tracks))
    rows = dict(
        features=centres[people] + rng.standard_normal((tracks, dim), dtype=np.float32),
        paths=[''] * tracks,
        cameras=cameras,
        times=first,
        modalities=cameras % 2,
        tracks=np.arange(tracks),
        columns=dict(first_seen=first, last_seen=first + rng.uniform(5, 60, tracks)),
    )
    return rows, people


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tracks', type=int, default=20_000)
    parser.add_argument('--dim', type=int, default=512)
    parser.add_argument('--min-similarity', type=float, default=0.3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gallery = create_gallery(f'{folder}/night', args.dim, columns=TRACK_COLUMNS)
        rows, people = night(args.tracks, args.dim)
        gallery.append(**rows)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, processor = time.perf_counter(), time.process_time()
        found = assign_people(gallery, args.min_similarity)
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    quality = judge_assignment(found.people, people, rows['modalities'])
    print(
        f'{args.tracks:,} tracks of {quality.people:,} people -> {quality.assigned:,}: IDF1 {100 * quality.idf1:.1f}\n'
        f'{seconds:.1f} s, {processor:.1f} s of processor time; {peak / 2**20:.2f} GiB, {before / 2**20:.2f} before'
    )


if __name__ == '__main__':
    main()
