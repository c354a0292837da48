"""A web page that finds the person of an image in a gallery.

    haresreid demo
    haresreid demo --gallery day/ --modality visible --model haresformer_sysu --weights epoch_80.pth
    haresreid demo --gallery gallery      # of haresreid search: tracks, people, probabilities

It listens on this machine only, unless --host says otherwise. Without --gallery, it first draws people of SynVI.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING

from haresreid.choices import MODALITIES
from haresreid.cli.arguments import above_zero, user_path
from haresreid.files.extras import require_extra

if TYPE_CHECKING:
    import gradio as gr


DEFAULT = 'haresformer_synth'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--model',
        type=user_path,
        help='a model name, a config or an .onnx file; default: that of a gallery of haresreid search, as there; else '
        f'{DEFAULT}, whose weights come with haresreid',
    )
    parser.add_argument(
        '--weights', type=user_path, help='a .pth or .safetensors file; default: those that come with haresreid'
    )
    parser.add_argument(
        '--gallery',
        type=user_path,
        help='a folder of images, or a gallery of haresreid search, by its URI; default: drawn people',
    )
    parser.add_argument(
        '--calibration',
        type=user_path,
        metavar='FILE.json',
        help='of haresreid calibrate, for a gallery of haresreid search; default: the one beside the weights',
    )
    parser.add_argument(
        '--audit',
        type=user_path,
        metavar='FILE',
        help='append a line of JSON for each query of that gallery; default: GALLERY_audit.jsonl, if it exists',
    )
    parser.add_argument(
        '--expected-images',
        type=above_zero,
        default=1,
        metavar='M',
        help='tracks or images of a person that you expect in that gallery before you look; default: 1',
    )
    parser.add_argument('--modality', choices=MODALITIES, help="of the folder's images; default: by colour")
    parser.add_argument(
        '--sample-root', type=user_path, default='data/SynVI/demo', help='where people are drawn; default: %(default)s'
    )
    parser.add_argument(
        '--host', default='127.0.0.1', help='0.0.0.0 lets every machine of the network in; default: %(default)s'
    )
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument(
        '--allow-host',
        nargs='+',
        default=[],
        metavar='NAME',
        help='names by which visitors reach the page, beside --host, localhost and the address of this machine',
    )
    parser.add_argument(
        '--max-upload', type=_megabytes, default=5, metavar='MB', help='largest upload; default: %(default)s'
    )


def _megabytes(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= 1024:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no number of MB above 0 and up to 1024')


def main(args: argparse.Namespace) -> None:
    require_extra('gradio', 'demo')
    from haresreid.demo import temporary_folder

    with temporary_folder():
        run(args)


def run(args: argparse.Namespace) -> None:
    from haresreid.demo import serve
    from haresreid.search.open_gallery import is_gallery

    max_bytes = int(args.max_upload * 2**20)
    make = gallery_page if args.gallery and is_gallery(args.gallery) else folder_page
    page, number = make(args, max_bytes)
    host = 'localhost' if args.host in ('0.0.0.0', '::') else f'[{args.host}]' if ':' in args.host else args.host
    serve(page, args.host, args.port, max_bytes, args.allow_host)
    print(f'{number:,} images. Open http://{host}:{args.port} (stop with Ctrl+C)', flush=True)
    page.block_thread()


def folder_page(args: argparse.Namespace, max_bytes: int) -> tuple[gr.Blocks, int]:
    """The page of a folder of images, or of drawn people, and how many images there are."""
    from haresreid.apis import VIReIDInferencer
    from haresreid.demo import build_page, folder_gallery, sample_gallery

    for name in ('calibration', 'audit'):
        if getattr(args, name):
            raise ValueError(f'--{name} is for a gallery of haresreid search, and --gallery names none')
    inferencer = VIReIDInferencer(args.model or DEFAULT, args.weights)
    gallery = (
        folder_gallery(inferencer, args.gallery, args.modality)
        if args.gallery
        else sample_gallery(inferencer, args.sample_root)
    )
    return build_page(inferencer, gallery, max_bytes), len(gallery.features)


def gallery_page(args: argparse.Namespace, max_bytes: int) -> tuple[gr.Blocks, int]:
    """The page of a gallery of haresreid search, and how many rows it has."""
    from haresreid.apis import VIReIDInferencer
    from haresreid.demo import TrackSearch, build_gallery_page
    from haresreid.search import open_gallery
    from haresreid.search.audit import Audit, audit_file, who_asks
    from haresreid.search.index_model import index_model
    from haresreid.search.probability import find_calibration

    if args.modality:
        raise ValueError('--modality is of a folder of images; a gallery of haresreid search knows it of each row')
    index = open_gallery(args.gallery)
    model, _ = index_model(args.gallery, index.info, args.model, args.weights)
    calibration = find_calibration(args.calibration, model, args.weights)
    audit = Audit(audit_file(args.gallery, args.audit), args.gallery, f'{who_asks()}, demo')
    inferencer = VIReIDInferencer(model, args.weights)
    search = TrackSearch(index, inferencer, calibration, args.expected_images, audit)
    return build_gallery_page(search, max_bytes), len(index)
