"""haresreid search query: the most similar images for each query."""

import argparse
import warnings
from collections.abc import Sequence

from haresreid import apis
from haresreid.apis import Features
from haresreid.apis.inputs import open_images
from haresreid.files.printable import printable
from haresreid.search import Gallery, open_gallery
from haresreid.search.audit import Audit, audit_file, who_asks
from haresreid.search.filters import Filter
from haresreid.search.index_model import index_model
from haresreid.search.probability import find_calibration, hit_probabilities
from haresreid.search.text import hits_table
from haresreid.structures.calibration import expected_prior

from .arguments import filters, one_source

__all__ = ['query']


def query(args: argparse.Namespace) -> None:
    """Print what was found for each image."""
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
        features = apis.VIReIDInferencer(model, args.weights, args.device)(paths, args.query_modality)
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
    if args.cameras and not any(hits.paths):
        _warn_of_cameras(index, args.cameras)
    if args.picture:
        from haresreid.search.picture import draw_hits

        draw_hits(features.paths, hits, args.picture)
        print(f'Picture: {args.picture}')


def _warn_of_cameras(index: Gallery, asked: Sequence[int]) -> None:
    """Say which cameras there are, since a mistyped one finds nothing."""
    there = index.stats()['cameras']
    absent = [str(camera) for camera in asked if str(camera) not in there]
    if absent:
        warnings.warn(
            f'the gallery has no image of camera {", ".join(absent)}: its cameras are {", ".join(there) or "none"}',
            stacklevel=2,
        )
