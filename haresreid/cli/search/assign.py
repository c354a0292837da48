"""haresreid search assign: which tracks show the same person."""

import argparse
import os
import sys
from pathlib import Path

from haresreid.files.files import written_whole
from haresreid.files.printable import printable
from haresreid.search import open_gallery
from haresreid.search.index_model import index_model
from haresreid.search.people import assign_people, event_lines, judge_assignment, path_people, read_travel_times
from haresreid.search.probability import find_calibration
from haresreid.search.text import quality_text

__all__ = ['assign']


def assign(args: argparse.Namespace) -> None:
    """Find whom the tracks show, and say how many they are."""
    if args.min_similarity is not None and (args.min_probability or args.calibration):
        raise ValueError('--min-similarity is for a model without a calibration: give either it or --min-probability')
    if args.min_similarity is not None and not -1 <= args.min_similarity <= 1:
        raise ValueError(f'--min-similarity {args.min_similarity:g} is no cosine similarity: they go from -1 to 1')
    if args.events and args.events != '-':
        _require_place(args.events)
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


def _require_place(file: str) -> None:
    """Refuse a file that cannot be written, before people are written into the gallery."""
    path = Path(file)
    if path.is_dir() or not path.parent.is_dir():
        where = 'is a folder' if path.is_dir() else f'cannot be written, since there is no folder {path.parent}'
        raise ValueError(f'--events {file} {where}: give the name of a file')
    if not os.access(path.parent, os.W_OK):
        raise ValueError(f'--events {file} cannot be written, since its folder may not be changed: give another one')
