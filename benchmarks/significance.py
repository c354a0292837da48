"""What the intervals and tests of haresreid compare are worth, on features whose difference is known.

    python benchmarks/significance.py
    python benchmarks/significance.py --people 96 --repetitions 1000

Each repetition draws people anew, as points, and for two methods images around them, visible and infrared. The
methods share part of the noise, as two networks do that fail on the same images. The true difference is the mean over
many more draws. Printed are the share of repetitions whose interval holds it, and, for two methods with equal noise,
the share with p below 0.05.
"""

import argparse

import numpy as np

from haresreid.cli.arguments import at_least
from haresreid.evaluation import CrossModalProtocol, FeatureSet, evaluate
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.query_scores import ScoredQueries, scored_queries
from haresreid.evaluation.significance import compare
from haresreid.files.markdown import markdown_table

QUERIES, GALLERY, DIM = 6, 4, 16  # images of each person, and numbers of a feature
SHARED = 0.5  # share of the noise's variance that two methods have in common
METRICS = ('R1', 'mAP', 'mINP')


def draw(rng: np.random.Generator, people: int, noises: tuple[float, float]) -> list[ScoredQueries]:
    """The scored queries of two methods, with so much noise each, on people drawn for this."""
    pids = np.repeat(np.arange(people), QUERIES + GALLERY)
    infrared = np.tile(np.arange(QUERIES + GALLERY) < QUERIES, people)
    # a camera's offset makes some people hubs, whom many queries find
    looks = rng.standard_normal((people, DIM)) + 0.5
    shared = rng.standard_normal((len(pids), DIM))
    methods = []
    for noise in noises:
        own = rng.standard_normal((len(pids), DIM))
        features = looks[pids] + noise * (np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own)
        paths = [f'{row:06d}.png' for row in range(len(pids))]
        images = FeatureSet(l2_normalize(features), pids, infrared + 1, infrared, paths)
        methods.append(scored_queries(evaluate(images, CrossModalProtocol('i2v')), images))
    return methods


def true_difference(people: int, noises: tuple[float, float], draws: int, seed: int) -> np.ndarray:
    """(M,) second minus first, the mean over many draws of people."""
    rng = np.random.default_rng(seed)
    pairs = (draw(rng, people, noises) for _ in range(draws))
    return np.mean([second.figures[:, 0] - first.figures[:, 0] for first, second in pairs], axis=0)


def repeat(people: int, noises: tuple[float, float], repetitions: int, resamples: int, seed: int) -> np.ndarray:
    """(repetitions, M, 3) lower and upper end of the interval, and p."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(repetitions):
        first, second = draw(rng, people, noises)
        found = compare([first], [second], resamples=resamples, seed=number)
        rows.append([(each.low, each.high, each.p_value) for each in found])
    return np.array(rows)


def coverage(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(M,) share of the repetitions whose interval holds the truth."""
    return ((found[..., 0] <= truth) & (truth <= found[..., 1])).mean(axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--people', type=at_least(10), nargs='+', default=[40, 96])
    parser.add_argument('--repetitions', type=at_least(1), default=500)
    parser.add_argument('--resamples', type=at_least(999), default=1999)
    parser.add_argument('--truth', type=at_least(1), default=4000, help='draws behind the true difference')
    args = parser.parse_args()
    lines = [['people', 'metric', 'true difference', 'coverage of 95 %', 'p < 0.05 where alike']]
    for people in args.people:
        better, alike = (1.8, 1.6), (1.7, 1.7)
        truth = true_difference(people, better, args.truth, seed=1)
        covered = coverage(repeat(people, better, args.repetitions, args.resamples, seed=2), truth)
        false = (repeat(people, alike, args.repetitions, args.resamples, seed=3)[..., 2] < 0.05).mean(axis=0)
        lines += [
            [people, metric, f'{100 * difference:+.2f}', f'{100 * share:.1f} %', f'{100 * rate:.1f} %']
            for metric, difference, share, rate in zip(METRICS, truth, covered, false)
        ]
    print(markdown_table(lines, labels=2))


if __name__ == '__main__':
    main()
