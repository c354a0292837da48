r"""Make an index of person images, and search it with a picture.

haresreid search index gallery --model haresformer_synth --pattern 'cam(?P<camera>\d+)' detections/
haresreid search query gallery who.jpg --query-modality infrared --modality visible --since 2026-11-24
haresreid search query gallery who.jpg --query-modality visible --min-probability 0.9
haresreid search add gallery --list today.csv
haresreid search add gallery night.mp4 --camera 3 --start 2026-11-24T22:00:00+01:00
haresreid search assign gallery --min-probability 0.7 --events -
haresreid search delete gallery --until 2026-11-01
haresreid search delete gallery --person 17
haresreid search expire gallery --older-than 30d
haresreid search copy gallery_of_last_year gallery
"""

import argparse
import re
import sys
import time
import warnings
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from haresreid.choices import INDEX_KINDS, MODALITIES, TRACKERS
from haresreid.cli.arguments import at_least, user_path
from haresreid.files.paths import expand_home
from haresreid.files.printable import printable

if TYPE_CHECKING:
    from haresreid.search import Gallery


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    index = _command(commands, 'index', 'make an index of images')
    index.add_argument(
        '--kind', choices=INDEX_KINDS, default='exact', help='default: exact, fast enough for 100,000 images'
    )
    for command in (index, _command(commands, 'add', 'add images; those that are in it already are left out')):
        command.add_argument(
            'images',
            nargs='*',
            type=user_path,
            metavar='IMAGE',
            help='files, or folders with all their subfolders; or videos, of which each track becomes one hit',
        )
        command.add_argument(
            '--list', type=user_path, metavar='FILE.csv', help='instead of images: path,camera,time,modality,track'
        )
        command.add_argument(
            '--features',
            type=user_path,
            metavar='FILE.npz',
            help='instead of images: from haresreid test --dump or Features.save',
        )
        command.add_argument(
            '--pattern',
            metavar='REGEX',
            help="what camera, time, modality, track are in a path: 'cam(?P<camera>\\d+)/(?P<time>[^/]*)\\.jpg'",
        )
        command.add_argument(
            '--skip-unmatched', action='store_true', help='leave out paths without the pattern, and count them'
        )
        _add_timezone(command)
        command.add_argument('--modality', choices=MODALITIES, help='of all images; default: guessed by colour')
        command.add_argument('--camera', type=at_least(0), metavar='NUMBER', help='of all images')
        _add_model_arguments(command)
        _add_device(command)
        _add_video_arguments(command)
    query = _command(commands, 'query', 'search with images')
    query.add_argument('images', nargs='*', type=user_path, metavar='IMAGE')
    query.add_argument('--features', type=user_path, metavar='FILE.npz', help='instead of images')
    query.add_argument('--query-modality', choices=MODALITIES, help='of the images; default: guessed by colour')
    query.add_argument('--top', type=int, default=10)
    query.add_argument('--effort', type=float, default=1, help='of an ivf or hnsw: 2 looks at twice as much as 1')
    query.add_argument(
        '--min-probability',
        type=share,
        metavar='P',
        help='only hits that show the person with this probability or more, or "nobody"; needs a calibration',
    )
    _add_calibration(query)
    query.add_argument(
        '--expected-images',
        type=float,
        default=1,
        metavar='M',
        help='images of the person that you expect in the whole gallery before you look; default: 1',
    )
    query.add_argument('--picture', type=user_path, metavar='FILE.png', help='draw what was found')
    query.add_argument(
        '--audit',
        type=user_path,
        metavar='FILE',
        help='append a line of JSON for each image that was asked about; default: DIR_audit.jsonl, if it exists',
    )
    query.add_argument(
        '--user', metavar='NAME', help='who asks; default: HARESREID_USER of the environment, or the login name'
    )
    _add_model_arguments(query)
    _add_device(query)
    _add_assign_command(commands)
    delete = _command(commands, 'delete', 'delete what fulfils all conditions')
    delete.add_argument('--ids', nargs='+', type=int)
    delete.add_argument(
        '--person', type=int, metavar='ID', help='whom haresreid search assign found there; implies --erase'
    )
    delete.add_argument(
        '--erase',
        action='store_true',
        help='also their pictures of a video, and at once what the disk still has of them',
    )
    expire = _command(commands, 'expire', 'delete and erase what is older than a time')
    expire.add_argument(
        '--older-than', type=duration, required=True, metavar='TIME', help='hours, days or weeks: 12h, 30d, 4w'
    )
    for command in (query, delete):
        command.add_argument('--cameras', nargs='+', type=int)
        command.add_argument('--exclude-cameras', nargs='+', type=int)
        command.add_argument('--since', metavar='TIME', help='ISO 8601, or POSIX seconds')
        command.add_argument('--until', metavar='TIME', help='the same; this time itself is not in it')
        _add_timezone(command)
        command.add_argument('--modality', choices=MODALITIES)
        command.add_argument('--tracks', nargs='+', type=int)
        command.add_argument(
            '--where', nargs='+', metavar='CONDITION', help="on columns of the index's own: 'quality>=0.5' place=hall"
        )
    compact = _command(commands, 'compact', 'free the space of deleted images, make damaged structures anew')
    compact.add_argument('--kind', choices=INDEX_KINDS, help='make it an index of this kind')
    _command(commands, 'stats', 'what is in it')
    copy = _command(commands, 'copy', 'copy it with all ids, e.g. one of an earlier release')
    copy.add_argument('to', type=user_path, help='the new index')
    copy.add_argument('--kind', choices=INDEX_KINDS, help='of the new index; default: the same')


def parse_args(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Also find images that options separate from the folder, which argparse alone does not."""
    args, rest = parser.parse_known_args(arguments)
    if rest and ('images' not in args or any(text.startswith('-') for text in rest)):
        parser.error(f'unrecognized arguments: {" ".join(map(printable, rest))}')
    if rest:
        args.images += map(expand_home, rest)
    return args


def _command(commands, name: str, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=f'{text[0].upper()}{text[1:]}.')
    command.add_argument('dir', type=user_path, help='the index: a folder, or s3://, gs://, milvus://')
    return command


def _add_video_arguments(parser: argparse.ArgumentParser) -> None:
    video = parser.add_argument_group('videos')
    video.add_argument('--start', metavar='TIME', help='of the first frame; default: what --pattern reads in the path')
    video.add_argument('--boxes', type=user_path, metavar='FILE', help="a detector's boxes: a CSV, MOT or CVAT file")
    video.add_argument(
        '--detector',
        type=user_path,
        metavar='NAME',
        help="instead of boxes: hog (OpenCV's, the default), an .onnx file, or a detector of torchvision",
    )
    video.add_argument(
        '--detector-weights',
        type=user_path,
        metavar='FILE',
        help='of a detector of torchvision; default: torchvision downloads its own',
    )
    video.add_argument(
        '--rate', type=at_least(1), default=5, metavar='N', help='frames a second that a detector sees; default: 5'
    )
    video.add_argument('--tracker', choices=TRACKERS, default='bytetrack', help='default: bytetrack')
    video.add_argument(
        '--crops', type=user_path, metavar='DIR', help='where pictures of the people are kept; default: DIR_crops'
    )


def _add_assign_command(commands) -> None:
    assign = _command(commands, 'assign', 'find which tracks show the same person, over all cameras and both spectra')
    assign.add_argument(
        '--min-probability', type=share, metavar='P', help='by which groups of tracks are joined; default: 0.5'
    )
    assign.add_argument(
        '--min-similarity',
        type=float,
        metavar='S',
        help='instead, without a calibration: the mean similarity by which groups are joined',
    )
    _add_calibration(assign)
    assign.add_argument(
        '--expected-tracks',
        type=float,
        default=1,
        metavar='M',
        help='other tracks of its person that you expect beside each one, before you look; default: 1',
    )
    assign.add_argument(
        '--travel-times',
        type=user_path,
        metavar='FILE.csv',
        help='least seconds from one camera to another: camera,other,seconds',
    )
    assign.add_argument(
        '--events', type=user_path, metavar='FILE', help='write a line of JSON for each track; - is the standard output'
    )
    assign.add_argument(
        '--evaluate',
        metavar='REGEX',
        help="compare with the people whose names are in the paths: 'cam\\d+/(?P<person>\\d+)/'",
    )
    _add_model_arguments(assign)


def _add_calibration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--calibration',
        type=user_path,
        metavar='FILE.json',
        help='of haresreid calibrate; default: the one beside the weights, NAME.calibration.json',
    )


def _add_timezone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--timezone',
        default='UTC',
        metavar='ZONE',
        help='of times without an offset, e.g. Europe/Berlin or +01:00; default: UTC',
    )


def _add_model_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--model',
        type=user_path,
        help='name, config or .onnx file; default: of the '
        'index, where that names a model that ships or an .onnx file beside it',
    )
    parser.add_argument(
        '--weights', type=user_path, metavar='FILE', help='trained with that config; default: those of the package'
    )


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--device')


def filters(args: argparse.Namespace) -> dict:
    from haresreid.search.filters import time_bound
    from haresreid.search.times import read_timezone

    zone = read_timezone(args.timezone)
    times = {name: getattr(args, name) and time_bound(getattr(args, name), zone) for name in ('since', 'until')}
    others = ('cameras', 'exclude_cameras', 'modality', 'tracks', 'where')
    return dict(times, **{name: getattr(args, name) for name in others})


def share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f'{text} is no probability between 0 and 1')
    return value


def duration(text: str) -> float:
    """Seconds."""
    match = re.fullmatch(r'(\d{1,6})([hdw])', text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f'{text} is no time: write 12h, 30d or 4w, hours, days or weeks')
    return int(match[1]) * dict(h=3600, d=86400, w=7 * 86400)[match[2]]


def one_source(args: argparse.Namespace, names: tuple[str, ...]) -> None:
    """Require exactly one of the ways to say what is meant."""
    if sum(bool(getattr(args, name)) for name in names) != 1:
        ways = ' or '.join('IMAGES' if name == 'images' else f'--{name}' for name in names)
        raise ValueError(f'say what to {args.command} in one way: {ways}')


def extend(args: argparse.Namespace) -> None:
    """Run the commands index and add."""
    from haresreid.apis import Features
    from haresreid.apis.inputs import open_images
    from haresreid.search import open_gallery
    from haresreid.search.detections import list_detections, match_detections
    from haresreid.search.extend import add_features, add_images
    from haresreid.search.file_names import canonical_names
    from haresreid.search.open_gallery import check_free
    from haresreid.search.times import read_timezone
    from haresreid.video.frames import VIDEO_EXTENSIONS

    one_source(args, ('images', 'list', 'features'))
    if args.command == 'index':
        check_free(args.dir)
    index = open_gallery(args.dir) if args.command == 'add' else None
    kind = args.kind if args.command == 'index' else 'exact'
    if args.list and args.pattern:
        raise ValueError('--list says camera and time, and so does --pattern: give one of them')
    if args.skip_unmatched and not (args.pattern and args.images):
        raise ValueError('--skip-unmatched is about images whose paths --pattern reads: give both')
    zone = read_timezone(args.timezone)
    if any(path.lower().endswith(VIDEO_EXTENSIONS) for path in args.images):
        extend_by_videos(args, index, kind, zone)
        return
    for name in ('start', 'boxes', 'detector', 'detector_weights', 'crops'):
        if getattr(args, name) is not None:
            raise ValueError(
                f'--{name.replace("_", "-")} is about videos, and none is given: {", ".join(VIDEO_EXTENSIONS)} are read'
            )
    given = Features.load(args.features) if args.features else None
    if args.list:
        detections = list_detections(args.list, zone)
    else:
        paths = given.paths if given else open_images(args.images).names
        detections = match_detections(paths, args.pattern, zone, 'skip' if args.skip_unmatched else 'raise')
        if len(detections) < len(paths):
            warnings.warn(f'{len(paths) - len(detections):,} of {len(paths):,} paths do not match', stacklevel=2)
    if args.camera is not None:
        detections.cameras = [args.camera] * len(detections)
    if args.modality:
        detections.modalities = [MODALITIES.index(args.modality)] * len(detections)
    detections.paths = canonical_names(detections.paths)
    if given:
        index, added, known = add_features(index, args.dir, args.features, given, detections, kind)
    else:
        index, added, known = add_images(index, args.dir, detections, kind, args.model, args.weights, args.device)
    left_out = f' ({known:,} left out, in it already or listed twice)' if known else ''
    print(f'Added {added:,} images{left_out}; the index holds {len(index):,}.')


def extend_by_videos(args: argparse.Namespace, index: 'Gallery | None', kind: str, zone: tzinfo) -> None:
    """Add the tracks of each video; a killed command can be repeated."""
    from haresreid.search.detections import match_detections
    from haresreid.search.times import to_posix
    from haresreid.search.video import add_video, crops_folder
    from haresreid.video import Video
    from haresreid.video.frames import VIDEO_EXTENSIONS
    from haresreid.video.people import find_people

    others = [path for path in args.images if not path.lower().endswith(VIDEO_EXTENSIONS)]
    if others:
        raise ValueError(f'{others[0]} is no video, and other inputs are: add images and videos one after the other')
    if len(args.images) > 1 and (args.start or args.boxes or args.crops):
        raise ValueError('--start, --boxes and --crops are about one video: give one, or times by --pattern')
    if args.boxes and (args.detector or args.detector_weights):
        raise ValueError('--boxes says where the people are, and so does --detector: give one of them')
    sources = match_detections(args.images, args.pattern, zone, 'skip' if args.skip_unmatched else 'raise')
    start = to_posix(args.start, zone) if args.start else None
    for video in [Video(path) for path in sources.paths]:  # reports missing ones at once
        row = sources.paths.index(video.path)
        crops = args.crops or crops_folder(args.dir, video.path)
        boxes = find_people(
            video,
            crops,
            args.boxes,
            args.detector or 'hog',
            args.detector_weights,
            args.device,
            args.rate,
            args.tracker,
        )
        index, added, known = add_video(
            index,
            args.dir,
            video,
            boxes,
            crops,
            sources.cameras[row] if args.camera is None else args.camera,
            sources.times[row] if start is None else start,
            MODALITIES.index(args.modality) if args.modality else sources.modalities[row],
            kind,
            args.model,
            args.weights,
            args.device,
        )
        left_out = f' ({known:,} left out, in it already)' if known else ''
        print(f'{printable(video.path)}: added {added:,} tracks{left_out}; the index holds {len(index):,}.')
        print(f'Pictures: {printable(crops)}')


def query(args: argparse.Namespace) -> None:
    from haresreid.apis import Features, VIReIDInferencer
    from haresreid.apis.inputs import open_images
    from haresreid.search import open_gallery
    from haresreid.search.audit import Audit, audit_file, who_asks
    from haresreid.search.filters import Filter
    from haresreid.search.index_model import index_model
    from haresreid.search.probability import find_calibration, hit_probabilities
    from haresreid.search.text import hits_table
    from haresreid.structures.calibration import expected_prior

    one_source(args, ('images', 'features'))
    index = open_gallery(args.dir)
    Filter(**filters(args)).conditions(index.columns)  # reports wrong filters before features are computed
    prior = expected_prior(args.expected_images, len(index))
    audit = Audit(audit_file(args.dir, args.audit), args.dir, who_asks(args.user))
    if args.features:
        features = Features.load(args.features)
        calibration = find_calibration(args.calibration)
    else:
        paths = open_images(args.images).names  # reports missing images at once
        model, _ = index_model(args.dir, index.info, args.model, args.weights)
        calibration = find_calibration(args.calibration, model, args.weights)
        features = VIReIDInferencer(model, args.weights, args.device)(paths, args.query_modality)
    if args.min_probability and not calibration:
        raise ValueError(
            '--min-probability needs a calibration: write one with haresreid calibrate, and name it with --calibration'
        )
    hits = index.query(features.features, args.top, effort=args.effort, **filters(args))
    probabilities = calibration and hit_probabilities(calibration, hits, features.modalities, prior)
    shown = [
        len(paths)
        if probabilities is None or not args.min_probability
        else int((chances >= args.min_probability).sum())
        for paths, chances in zip(hits.paths, hits.scores if probabilities is None else probabilities[..., 0])
    ]
    asked = ('top', 'cameras', 'exclude_cameras', 'since', 'until', 'modality', 'tracks', 'where', 'min_probability')
    audit.write(features.paths, shown, **{name: getattr(args, name) for name in asked})
    for number, path in enumerate(features.paths):
        print(f'{printable(path)}\n{hits_table(hits, number, probabilities, args.min_probability)}\n')
    if args.picture:
        from haresreid.search.picture import draw_hits

        draw_hits(features.paths, hits, args.picture)
        print(f'Picture: {args.picture}')


def assign(args: argparse.Namespace) -> None:
    from haresreid.files.files import written_whole
    from haresreid.search import open_gallery
    from haresreid.search.index_model import index_model
    from haresreid.search.people import assign_people, event_lines, judge_assignment, path_people, read_travel_times
    from haresreid.search.probability import find_calibration
    from haresreid.search.text import quality_text

    if args.min_similarity is not None and (args.min_probability or args.calibration):
        raise ValueError('--min-similarity is for a model without a calibration: give either it or --min-probability')
    travel = read_travel_times(args.travel_times) if args.travel_times else {}
    index = open_gallery(args.dir)
    calibration = None
    if args.min_similarity is None:
        model = None
        if args.model or ('model' in index.info and not args.calibration):
            model, _ = index_model(args.dir, index.info, args.model, args.weights)
        calibration = find_calibration(args.calibration, model, args.weights)
        if not calibration:
            raise ValueError(
                'no calibration says which similarity means one person: name one of haresreid calibrate with '
                '--calibration, or give --min-similarity'
            )
    least = args.min_similarity if calibration is None else args.min_probability or 0.5
    if args.evaluate:
        path_people(index.paths(), args.evaluate)  # reports paths without a person before the work
    found = assign_people(index, least, calibration, args.expected_tracks, travel)
    shown = sys.stderr if args.events == '-' else sys.stdout
    print(
        f'{len(found.tracks):,} tracks show {len(set(found.people.tolist())):,} people; {found.changed:,} of '
        f'{len(index):,} rows changed.',
        file=shown,
    )
    if args.evaluate:
        people = path_people(found.tracks.crops, args.evaluate)
        print(quality_text(judge_assignment(found.people, people, found.tracks.modalities)), file=shown)
    if args.events == '-':
        sys.stdout.writelines(event_lines(found))
    elif args.events:
        with written_whole(args.events) as part, open(part, 'w', encoding='utf-8') as file:
            file.writelines(event_lines(found))
        print(f'Events: {printable(args.events)}')


def delete(args: argparse.Namespace) -> None:
    from haresreid.search import open_gallery

    index, conditions = open_gallery(args.dir), filters(args)
    if args.person is None and not args.erase:
        print(f'Deleted {index.delete(args.ids, **conditions):,} images; the index holds {len(index):,}.')
        return
    if args.person is not None:
        conditions['where'] = [*(args.where or ()), f'person = {args.person}']
    erase_rows(index, args.ids, **conditions)


def expire(args: argparse.Namespace) -> None:
    import numpy as np

    from haresreid.search import open_gallery

    index = open_gallery(args.dir)
    erase_rows(index, until=time.time() - args.older_than)
    unknown = sum(int(np.isnan(block.columns['time']).sum()) for block in index.blocks())
    if unknown:
        print(f'{unknown:,} images have no time, so they never expire.')


def erase_rows(index: 'Gallery', ids: Sequence[int] | None = None, **conditions) -> None:
    from haresreid.search.erase import erase

    rows, pictures, kept = erase(index, ids, **conditions)
    print(f'Erased {rows:,} images and {pictures:,} pictures of them; the index holds {len(index):,}.')
    if kept:
        warnings.warn(
            f'{len(kept):,} files that no command has written stay, the first is {kept[0]}: delete them by hand',
            stacklevel=2,
        )


def main(args: argparse.Namespace) -> None:
    from haresreid.search import copy_gallery, open_gallery
    from haresreid.search.columns import TRACK_COLUMNS
    from haresreid.search.text import stats_text

    # without file and line
    warnings.showwarning = lambda message, *_: print(f'warning: {printable(message)}', file=sys.stderr)
    if args.command in ('index', 'add'):
        extend(args)
    elif args.command == 'query':
        query(args)
    elif args.command == 'assign':
        assign(args)
    elif args.command == 'delete':
        delete(args)
    elif args.command == 'expire':
        expire(args)
    elif args.command == 'compact':
        index = open_gallery(args.dir)
        index.compact(args.kind)
        print(stats_text(index))
    elif args.command == 'copy':
        copy = copy_gallery(args.dir, args.to, args.kind, TRACK_COLUMNS)
        print(f'Copied {len(copy):,} images to {printable(args.to)}.')
    else:
        print(stats_text(open_gallery(args.dir)))
