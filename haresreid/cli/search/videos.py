"""haresreid search index and add with videos: a hit for each track."""

import argparse
from datetime import tzinfo

from haresreid.choices import MODALITIES
from haresreid.files.printable import printable
from haresreid.search import Gallery
from haresreid.search.detections import match_detections
from haresreid.search.times import to_posix
from haresreid.search.video import add_video, crops_folder
from haresreid.video import Video
from haresreid.video.frames import VIDEO_EXTENSIONS
from haresreid.video.people import find_people

__all__ = ['extend_by_videos']


def extend_by_videos(args: argparse.Namespace, index: Gallery | None, kind: str, zone: tzinfo) -> None:
    """Add the tracks of each video; a killed command can be repeated."""
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
