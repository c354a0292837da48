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
import warnings
from collections.abc import Sequence

from haresreid.choices import INDEX_KINDS, MODALITIES, TRACKERS
from haresreid.cli.arguments import above_zero, at_least, user_path
from haresreid.files.paths import expand_home
from haresreid.files.printable import printable


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
    query.add_argument('--top', type=at_least(1), default=10)
    query.add_argument('--effort', type=above_zero, default=1, help='of an ivf or hnsw: 2 looks at twice as much as 1')
    query.add_argument(
        '--min-probability',
        type=share,
        metavar='P',
        help='only hits that show the person with this probability or more, or "nobody"; needs a calibration',
    )
    _add_calibration(query)
    query.add_argument(
        '--expected-images',
        type=above_zero,
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
    for command in (delete, expire):
        command.add_argument(
            '--crops',
            type=user_path,
            metavar='DIR',
            help='where the pictures of videos are; nothing is erased elsewhere; default: DIR_crops',
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
        type=above_zero,
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


def share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f'{text} is no probability between 0 and 1')
    return value


def duration(text: str) -> float:
    """Seconds."""
    match = re.fullmatch(r'(\d{1,6})([hdw])', text, re.ASCII)
    if not match or not int(match[1]):  # 0d would be everything
        raise argparse.ArgumentTypeError(f'{text} is no time: write 12h, 30d or 4w, hours, days or weeks')
    return int(match[1]) * dict(h=3600, d=86400, w=7 * 86400)[match[2]]


def main(args: argparse.Namespace) -> None:
    # without file and line
    warnings.showwarning = lambda message, *_: print(f'warning: {printable(message)}', file=sys.stderr)
    run(args)


def run(args: argparse.Namespace) -> None:
    """Each subcommand imports only what it needs."""
    if args.command in ('index', 'add'):
        from haresreid.cli.search.extend import extend as command
    elif args.command == 'query':
        from haresreid.cli.search.query import query as command
    elif args.command == 'assign':
        from haresreid.cli.search.assign import assign as command
    elif args.command == 'delete':
        from haresreid.cli.search.delete import delete as command
    elif args.command == 'expire':
        from haresreid.cli.search.delete import expire as command
    elif args.command == 'compact':
        from haresreid.cli.search.whole import compact as command
    elif args.command == 'copy':
        from haresreid.cli.search.whole import copy as command
    else:
        from haresreid.cli.search.whole import stats as command
    command(args)
