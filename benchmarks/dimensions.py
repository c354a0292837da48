"""What shorter features cost: mAP and Rank-1 by the number of dimensions, with PCA and with whitened PCA.

    python benchmarks/dimensions.py train.npz test.npz

Both files are dumps of haresreid test, the first of the training images; the axes are learnt on these alone. Prints a
table in Markdown.
"""

import argparse

from haresreid.cli.arguments import at_least, user_path
from haresreid.cli.errors import clear_errors
from haresreid.deploy.reduction import fit_reduction
from haresreid.evaluation import FeatureSet, evaluate
from haresreid.files.markdown import markdown_table
from haresreid.visualization.sources import protocol_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('train', type=user_path, help='features of training images')
    parser.add_argument('test', type=user_path, help='features of test images')
    parser.add_argument('--dims', nargs='+', type=at_least(1), default=[128, 64, 32, 16], help='default: 128 64 32 16')
    args = parser.parse_args()
    train, test = FeatureSet.load(args.train), FeatureSet.load(args.test)
    rows = [('all', *figures(test, test.features), '', '')]
    for dims in args.dims:
        reductions = (fit_reduction(train.features, dims, whiten) for whiten in (False, True))
        rows.append((dims, *(figure for reduction in reductions for figure in figures(test, reduction(test.features)))))
    head = 'dimensions', 'mAP', 'Rank-1', 'whitened: mAP', 'whitened: Rank-1'
    print(f'{protocol_of(test, None).name}, percent; learnt on {len(train)} images\n')
    print(markdown_table([head, *rows], labels=0))


def figures(test: FeatureSet, features) -> tuple[str, str]:
    reduced = FeatureSet(features, test.pids, test.camids, test.modalities, test.img_paths, test.info)
    result = evaluate(reduced, protocol_of(test, None))
    return tuple(f'{100 * result.mean(metric):.2f}' for metric in ('mAP', 'R1'))


if __name__ == '__main__':
    with clear_errors():
        main()
