"""Say which similarity means the same person: fit probabilities on labelled features, and measure them.

haresreid calibrate features.npz --out haresformer_sysu.calibration.json
haresreid calibrate features.npz --test other_people.npz --page calibration.html

Figures are of people unseen in fitting: those of --test, or else one half, after a fit on the other half. What is
written is fitted on all people of the features. haresreid search reads it beside the weights, as NAME.calibration.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import CALIBRATION_METHODS, PROTOCOL_NAMES
from haresreid.cli.arguments import at_least, user_path
from haresreid.cli.outputs import require_writable
from haresreid.files.printable import printable

if TYPE_CHECKING:
    from haresreid.evaluation import CrossModalProtocol, FeatureSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'features', type=user_path, help='an .npz or .mat file with identities, of people unseen in training'
    )
    parser.add_argument('--out', type=user_path, metavar='FILE.json', help='write the calibration there')
    parser.add_argument('--test', type=user_path, metavar='FILE', help='features of other people, to measure on')
    parser.add_argument('--page', type=user_path, metavar='FILE.html', help='also write the figures as a page')
    parser.add_argument('--overwrite', action='store_true', help='replace files that are there')
    parser.add_argument(
        '--protocol',
        metavar='NAME',
        help='of the search that is measured; default: the first one of the data set of a dump; there are '
        f'{", ".join(PROTOCOL_NAMES)}',
    )
    parser.add_argument(
        '--tracks',
        metavar='REGEX',
        help="of tracks: make the images in whose paths it matches the same text one row; '.*/': those of one folder",
    )
    parser.add_argument(
        '--method',
        choices=CALIBRATION_METHODS,
        default='isotonic',
        help='of the fit; default: isotonic. logistic needs fewer people, and assumes a straight line',
    )
    parser.add_argument('--level', type=float, default=0.95, help='of the intervals; default: 0.95')
    parser.add_argument(
        '--resamples', type=at_least(1), default=200, help='bootstrap samples of the people; default: 200'
    )


def main(args: argparse.Namespace) -> None:
    outputs = [Path(name) for name in (args.out, args.page) if name]
    require_writable(outputs, args.overwrite)
    for path in outputs:
        if not path.parent.is_dir():
            raise FileNotFoundError(f'There is no folder {path.parent} to write {path.name} into: make it first.')
    if not 0 < args.level < 1:
        raise ValueError(f'--level {args.level:g} must lie between 0 and 1.')
    from haresreid.evaluation.calibration import fit_calibration, measure_calibration, split_people
    from haresreid.evaluation.calibration.tables import answers_rows, open_set_rows, verification_rows
    from haresreid.files.files import written_whole
    from haresreid.files.markdown import markdown_table

    images, protocol = read_images(args.features, args.protocol, args.tracks)
    options = dict(method=args.method, resamples=args.resamples, level=args.level)
    calibration = fit_calibration(images, **options)
    fitted = calibration
    if args.test:
        test, protocol = read_images(args.test, args.protocol, args.tracks)
    else:
        fit, test = split_people(images)
        fitted = fit_calibration(fit, **options)
    figures = measure_calibration(fitted, test, protocol)
    people = f'{fitted.info["people"]} people, measured on {len(set(test.pids.tolist()))} others'
    print(f'{args.method} fit on {people}; percent\n')
    for rows, labels in ((verification_rows(figures), 1), (open_set_rows(figures), 1), (answers_rows(figures), 2)):
        print(f'{markdown_table(rows, labels)}\n')
    if args.page:
        from haresreid.report.calibration import calibration_page

        with written_whole(args.page) as part:
            part.write_text(calibration_page(figures, f'{args.features}, {args.method}, {people}'), encoding='utf-8')
        print(f'Page: {args.page}')
    if args.out:
        calibration.save(args.out)
        print(f'Calibration, fitted on {calibration.info["people"]} people: {args.out}')


def read_images(file: str, name: str | None, tracks: str | None) -> tuple[FeatureSet, CrossModalProtocol]:
    """The labelled features of a file, of images or tracks, and the protocol of that name, or the data set's first."""
    from haresreid.evaluation import load_external_features, pool_tracks, protocol_by_name, track_names
    from haresreid.evaluation.external_arrays import recorded_protocols

    protocol = protocol_by_name(name or recorded_protocols(file)[0])
    external = load_external_features(file, [protocol])
    if external.distances is not None:
        raise ValueError(f'{file} holds distances; a calibration needs the features.')
    for note in external.notes:
        print(f'note: {printable(note)}')
    images = external.feature_set  # of a given gallery, too
    return pool_tracks(images, track_names(images.img_paths, tracks)) if tracks else images, protocol
