"""Evaluate features from a file, without a model: a dump of haresreid test, or what other code computed.

haresreid evaluate features.npz --out results
haresreid evaluate pytorch_result.mat --protocols sysu/all
haresreid evaluate features.npz --metric hcml --train-features train.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import PROTOCOL_NAMES, REFERENCE_NAMES, RERANKER_NAMES
from haresreid.cli.arguments import user_path
from haresreid.files.printable import printable

if TYPE_CHECKING:
    from haresreid.evaluation import ExternalFeatures, FeatureSet, ProtocolResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('features', type=user_path, help='an .npz or .mat file')
    parser.add_argument(
        '--protocols',
        nargs='+',
        metavar='NAME',
        help=f'default: those of the data set of a dump; there are {", ".join(PROTOCOL_NAMES)}',
    )
    parser.add_argument(
        '--rand-perm-cam', type=user_path, metavar='FILE', help='the official rand_perm_cam.mat, for sysu/...-official'
    )
    parser.add_argument(
        '--tracks',
        metavar='REGEX',
        help="make the images in whose paths it matches the same text one row, their mean; '.*/': those of one folder",
    )
    parser.add_argument('--rerank', nargs='+', default=[], choices=RERANKER_NAMES, help='also show re-ranked rows')
    parser.add_argument(
        '--metric', choices=('hcml',), help='also show a row by a metric that is learned on --train-features'
    )
    parser.add_argument(
        '--train-features',
        type=user_path,
        metavar='FILE.npz',
        help='what --metric learns from: a dump of training images',
    )
    parser.add_argument(
        '--references',
        nargs='*',
        default=['chance'],
        choices=REFERENCE_NAMES,
        help='rows to show beside; all but chance need the images. Default: chance',
    )
    parser.add_argument(
        '--names',
        nargs='+',
        default=[],
        type=assignment,
        metavar='OURS=THEIRS',
        help='names of arrays in the file, e.g. query_f=query_feat_fc',
    )
    parser.add_argument(
        '--out',
        type=user_path,
        metavar='DIR',
        help='write metrics.json and metrics.npz there, and ranked_list.png when the images are on disk',
    )


def assignment(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition('=')
    if not (ours and equals and theirs):
        raise argparse.ArgumentTypeError(f'{text!r} is not of the form OURS=THEIRS')
    return ours, theirs


def main(args: argparse.Namespace) -> None:
    from haresreid.evaluation import (
        FixedGallery,
        format_results,
        load_external_features,
        pool_tracks,
        protocol_by_name,
        track_names,
        write_results,
    )
    from haresreid.evaluation.at_chance import at_chance_warning
    from haresreid.evaluation.external_arrays import recorded_protocols

    if bool(args.metric) != bool(args.train_features):
        raise ValueError('--metric and --train-features need each other: the metric is learned on these features.')
    names = args.protocols or recorded_protocols(args.features)
    protocols = [protocol_by_name(name, args.rand_perm_cam) for name in dict.fromkeys(names)]
    out = None if args.out is None else _unused(Path(args.out))
    external = load_external_features(args.features, protocols, dict(args.names))
    if args.tracks:
        if external.distances is not None or any(isinstance(protocol, FixedGallery) for protocol in external.protocols):
            raise ValueError(
                f'{args.features} holds query and gallery apart, of which no tracks are made: give all images together'
            )
        images = external.feature_set
        external.feature_set = pool_tracks(images, track_names(images.img_paths, args.tracks))
    missing = [path for path in external.feature_set.img_paths if not Path(path).is_file()]
    without = (
        f'{len(missing)} of {len(external.feature_set)} images are not on disk (the first is {missing[0]!r})'
        if missing
        else ''
    )
    if missing and set(args.references) - {'chance'}:
        raise ValueError(f'{without}: all references but chance need them; leave the others out.')
    for note in external.notes:
        print(f'note: {printable(note)}')

    results = _evaluate(external, args)
    print(format_results(results))
    warning = at_chance_warning(results)
    if warning:
        print(f'warning: {warning}')
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    write_results(out / 'metrics.json', results, external.feature_set)
    print(f'Figures: {out / "metrics.json"}.', end=' ')
    if missing:
        print(f'No pictures: {without}.')
    else:
        from haresreid.visualization import draw_ranked_lists

        draw_ranked_lists(external.feature_set, external.protocols[0], out / 'ranked_list.png')
        print(f'Retrievals: {out / "ranked_list.png"}.')


def _unused(folder: Path) -> Path:
    if folder.is_file():
        raise ValueError(f'--out {folder} is a file: give a folder.')
    for path in (folder / 'metrics.json', folder / 'metrics.npz', folder / 'ranked_list.png'):
        if path.exists():
            raise ValueError(f'{path} is of an earlier evaluation, and is not overwritten: give another --out.')
    return folder


def _evaluate(external: ExternalFeatures, args: argparse.Namespace) -> dict:
    from haresreid.evaluation import by_protocol, evaluate_references, evaluate_rows

    features, protocols = external.feature_set, external.protocols
    if external.distances is None:
        rows = evaluate_rows(features, protocols, args.rerank)
    elif args.rerank or args.metric:
        raise ValueError(
            f'{"Re-ranking" if args.rerank else "--metric"} works on features, and the file holds distances.'
        )
    else:
        rows = {'ours': [external.evaluate_distances(protocol) for protocol in protocols]}
    if args.metric:
        rows[f'ours + {args.metric}'] = _by_learned_metric(features, protocols, Path(args.train_features))
    return by_protocol({**rows, **evaluate_references(args.references, features, protocols)})


def _by_learned_metric(features: FeatureSet, protocols: list, train: Path) -> list[ProtocolResult]:
    from haresreid.evaluation import FeatureSet, evaluate_trials, learn_hcml

    learned_on = FeatureSet.load(train)
    seen = set(learned_on.img_paths) & set(features.img_paths)
    if seen:
        raise ValueError(
            f'{train}: {len(seen)} of its {len(learned_on)} images are tested too (the first is {min(seen)!r}); a '
            'metric is learned on training images.'
        )
    distances = learn_hcml(learned_on).distances(features)
    return [evaluate_trials(features, protocol, distances) for protocol in protocols]
