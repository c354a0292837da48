"""The evaluator beside a plain per-query loop, as the field usually writes it, and beside one stable sort.

    python benchmarks/evaluation.py            # ratios with their spread over runs; mostly the plain loop's time
    python benchmarks/evaluation.py --large    # 20,000 queries, 100,000 gallery images: time and peak memory

All three get the same random float64 distances between all queries and all gallery images of all trials, choose each
trial's columns, and run in this process, one after the other in every run. Ours must give the loop's figures to 1e-6.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from haresreid.evaluation import (
    METRIC_NAMES,
    CrossModalProtocol,
    FeatureSet,
    RegDBProtocol,
    SYSUProtocol,
    evaluate,
    evaluate_trials,
)
from haresreid.evaluation.functional import l2_normalize

SYSU_COUNTS = Path(__file__).parents[1] / 'tests' / 'data' / 'sysu_test_counts.json'


def sysu_images() -> SimpleNamespace:
    """Labels of the 10,578 test images of SYSU-MM01, from its published counts."""
    counts = json.loads(SYSU_COUNTS.read_text())
    rows = [
        (int(pid), camid, shot)
        for pid, per_camera in counts.items()
        for camid, number in enumerate(per_camera, start=1)
        for shot in range(1, number + 1)
    ]
    pids, camids, _ = np.array(rows).T
    paths = [f'cam{camid}/{pid:04d}/{shot:04d}.jpg' for pid, camid, shot in rows]
    return SimpleNamespace(pids=pids, camids=camids, modalities=np.isin(camids, (3, 6)).astype(int), img_paths=paths)


def all_against_all(num_ids: int, visible: int, infrared: int) -> SimpleNamespace:
    """Labels of a test set with so many images per identity and modality."""
    pids = np.concatenate([np.repeat(np.arange(num_ids), visible), np.repeat(np.arange(num_ids), infrared)])
    modalities = np.repeat([0, 1], [num_ids * visible, num_ids * infrared])
    paths = [f'{index:06d}.jpg' for index in range(len(pids))]
    return SimpleNamespace(pids=pids, camids=modalities + 1, modalities=modalities, img_paths=paths)


class Problem:
    """One protocol with random distances between its queries and all its gallery images."""

    def __init__(self, images, protocol):
        self.images, self.protocol = images, protocol
        self.draws = protocol.draws(images)
        self.query = self.draws[0][0]
        self.union = np.unique(np.concatenate([gallery for _, gallery in self.draws]))
        if len(self.draws) == 1:
            self.union = self.draws[0][1]
        self.matrix = np.random.default_rng(0).random((len(self.query), len(self.union)))  # (Q, U)

    def trials(self):
        """Distances, query and gallery indices of each trial."""
        for query, gallery in self.draws:
            yield self.matrix[:, np.searchsorted(self.union, gallery)], query, gallery

    def ours(self) -> np.ndarray:
        """Means over trials."""
        result = evaluate_trials(self.images, self.protocol, lambda query, gallery: self.matrix.__getitem__)
        return np.array([result.mean(metric) for metric in METRIC_NAMES])

    def floor(self) -> None:
        """What any evaluator that ranks the gallery must do."""
        for distances, _, _ in self.trials():
            np.argsort(distances, axis=1, kind='stable')

    def plain(self) -> np.ndarray:
        """Means over trials, one query at a time."""
        pids, camids = self.images.pids, self.images.camids
        return np.mean(
            [
                self.plain_trial(distances, pids[query], pids[gallery], camids[query], camids[gallery])
                for distances, query, gallery in self.trials()
            ],
            axis=0,
        )

    def plain_trial(self, distances, query_pids, gallery_pids, query_camids, gallery_camids) -> list[float]:
        """Sort, then for every query drop what it must not see, collapse identities, count hits."""
        order = np.argsort(distances, axis=1)
        curves, precisions, penalties = [], [], []
        for row in range(len(distances)):
            ranking = order[row]
            if self.protocol.dataset == 'sysu':
                ranking = ranking[~((query_camids[row] == 3) & (gallery_camids[ranking] == 2))]
            ranked = gallery_pids[ranking]
            matches = (ranked == query_pids[row]).astype(np.int32)
            if not matches.any():
                continue
            answers = ranked
            if self.protocol.count_identities:
                first = np.unique(ranked, return_index=True)[1]
                answers = np.array([ranked[position] for position in sorted(first)])
            hits = (answers == query_pids[row]).astype(np.int32).cumsum()
            hits[hits > 1] = 1
            curves.append(hits[:20])
            found = matches.cumsum()
            last = np.flatnonzero(matches)[-1]
            penalties.append(found[last] / (last + 1.0))
            precision = np.asarray([number / (rank + 1.0) for rank, number in enumerate(found)]) * matches
            precisions.append(precision.sum() / matches.sum())
        curve = np.mean(curves, axis=0)
        return [*curve[[0, 4, 9, 19]], np.mean(precisions), np.mean(penalties)]


def timed(function: Callable, problems: list[Problem]) -> tuple[float, list]:
    """Seconds and answers of a function on all problems."""
    start = time.perf_counter()
    answers = [function(problem) for problem in problems]
    return time.perf_counter() - start, answers


def compare(name: str, problems: list[Problem], runs: int) -> None:
    """Print how many times faster ours is than the loop, and its time as a multiple of the floor's."""
    timed(Problem.ours, problems)  # the first call pays for threads and memory
    seconds = []
    for run in range(runs):
        (ours, figures), (floor, _), (plain, expected) = (
            timed(function, problems) for function in (Problem.ours, Problem.floor, Problem.plain)
        )
        np.testing.assert_allclose(figures, expected, rtol=0, atol=1e-6)
        seconds.append((ours, floor, plain))
        print(
            f'  run {run + 1} of {runs}: ours {ours:.3f} s, one stable sort {floor:.3f} s, loop {plain:.1f} s',
            flush=True,
        )
    ours, floor, plain = np.array(seconds).T
    print(
        f'{name}: {_spread(plain / ours)} times faster than the loop; {_spread(ours / floor)} times one stable sort',
        flush=True,
    )


def _spread(ratios: np.ndarray) -> str:
    return f'{ratios.mean():.3g} ± {ratios.std():.2g} ({ratios.min():.3g} to {ratios.max():.3g})'


def large(dimensions: int) -> None:
    """Evaluate features of 20,000 queries and 100,000 gallery images; print time and the process's peak memory."""
    images = all_against_all(1000, 20, 100)
    features = np.random.default_rng(0).standard_normal((len(images.pids), dimensions), dtype=np.float32)
    for start in range(0, len(features), 1000):  # in place, for a second copy would count
        features[start : start + 1000] = l2_normalize(features[start : start + 1000])
    feature_set = FeatureSet(features, images.pids, images.camids, images.modalities, images.img_paths)
    start = time.perf_counter()
    result = evaluate(feature_set, CrossModalProtocol('v2i'))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux counts in KiB
    print(
        f'{result.num_queries:,} x {result.num_gallery[0]:,}, {dimensions} dimensions: {seconds:.0f} s from features '
        f'to figures, peak memory {peak:.2f} GiB'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--large', action='store_true', help='only 20,000 x 100,000')
    parser.add_argument('--dimensions', type=int, default=2048, help='of the features of --large')
    args = parser.parse_args()
    print(f'{torch.get_num_threads()} threads, numpy {np.__version__}, torch {torch.__version__}', flush=True)
    if args.large:
        large(args.dimensions)
        return
    compare('RegDB, 2,060 x 2,060', [Problem(all_against_all(206, 10, 10), RegDBProtocol())], args.runs)
    images = sysu_images()
    for shots in (1, 10):
        problems = [Problem(images, SYSUProtocol(mode, shots)) for mode in ('all', 'indoor')]
        compare(f'SYSU-MM01, {shots} shot, 10 trials of all-search and indoor-search', problems, args.runs)


if __name__ == '__main__':
    main()
