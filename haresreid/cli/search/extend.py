"""haresreid search index and add: images or features into a gallery; videos are another module's."""

import argparse
import warnings

from haresreid.apis import Features
from haresreid.apis.inputs import open_images
from haresreid.choices import MODALITIES
from haresreid.search import open_gallery
from haresreid.search.detections import list_detections, match_detections
from haresreid.search.extend import add_features, add_images
from haresreid.search.file_names import canonical_names
from haresreid.search.open_gallery import check_free
from haresreid.search.times import read_timezone
from haresreid.video.frames import VIDEO_EXTENSIONS

from .arguments import one_source

__all__ = ['extend']


def extend(args: argparse.Namespace) -> None:
    """Run the commands index and add."""
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
        from .videos import extend_by_videos

        extend_by_videos(args, index, kind, zone)
        return
    for name in ('start', 'boxes', 'detector', 'detector_weights', 'crops'):
        if getattr(args, name) is not None:
            raise ValueError(
                f'--{name.replace("_", "-")} is about videos, and none is given: give each by its own name, '
                f'{", ".join(VIDEO_EXTENSIONS)} are read'
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
