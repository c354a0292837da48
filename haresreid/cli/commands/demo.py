"""A web page that finds the person of an image in a gallery.

    haresreid demo
    haresreid demo --gallery day/ --modality visible --model haresformer_sysu --weights epoch_80.pth

It listens on this machine only, unless --host says otherwise. Without --gallery, it first draws people of SynVI.
"""

import argparse
from contextlib import suppress

from haresreid.choices import MODALITIES
from haresreid.cli.arguments import user_path
from haresreid.files.extras import require_extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--model',
        type=user_path,
        default='haresformer_synth',
        help='a model name, a config or an .onnx file; default: %(default)s, whose weights come with haresreid',
    )
    parser.add_argument(
        '--weights', type=user_path, help='a .pth or .safetensors file; default: those that come with haresreid'
    )
    parser.add_argument('--gallery', type=user_path, help='a folder of images; default: drawn people')
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
    from haresreid.apis import VIReIDInferencer
    from haresreid.demo import build_page, folder_gallery, sample_gallery, serve

    inferencer = VIReIDInferencer(args.model, args.weights)
    gallery = (
        folder_gallery(inferencer, args.gallery, args.modality)
        if args.gallery
        else sample_gallery(inferencer, args.sample_root)
    )
    max_bytes = int(args.max_upload * 2**20)
    page = build_page(inferencer, gallery, max_bytes)
    host = 'localhost' if args.host in ('0.0.0.0', '::') else f'[{args.host}]' if ':' in args.host else args.host
    serve(page, args.host, args.port, max_bytes, args.allow_host)
    print(f'{len(gallery.features)} images. Open http://{host}:{args.port} (stop with Ctrl+C)', flush=True)
    page.block_thread()
