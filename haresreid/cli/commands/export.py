"""Write a trained model as an ONNX file, which runs without PyTorch.

haresreid export haresformer_synth epoch_48.pth --out haresformer.onnx
haresreid export haresformer_synth --out haresformer_int8.onnx --precision int8
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.cli.arguments import user_path

if TYPE_CHECKING:
    import numpy as np


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('model', type=user_path, help='the config that the checkpoint was trained with, or its name')
    parser.add_argument(
        'weights', nargs='?', type=user_path, help='a .pth or .safetensors file; default: what comes with haresreid'
    )
    parser.add_argument('--out', type=user_path, required=True, metavar='FILE.onnx')
    parser.add_argument('--overwrite', action='store_true', help='replace the file if it is there')
    parser.add_argument(
        '--precision',
        choices=['fp32', 'fp16', 'int8'],
        default='fp32',
        help='fp16: of the weights; int8: of convolutions, and fp16 weights elsewhere. Default: fp32',
    )
    parser.add_argument('--data-root', type=user_path, help="int8: folder of the training set, instead of the config's")
    parser.add_argument(
        '--calibration-images',
        type=int,
        default=200,
        metavar='N',
        help='int8: training images that show the range of activations; default: 200',
    )


def main(args: argparse.Namespace) -> None:
    out = Path(args.out)
    if out.suffix != '.onnx' or not out.parent.is_dir():
        raise ValueError(f'--out {out} must be an .onnx file in a folder that exists.')
    if out.exists() and not args.overwrite:
        raise ValueError(f'{out} is there already: add --overwrite to replace it, or give another --out.')
    from haresreid.apis import OnnxBackend, get_model
    from haresreid.apis.model_names import find_config, find_trained
    from haresreid.config.config import load_config
    from haresreid.deploy.export import OPSET, export_onnx, noise
    from haresreid.deploy.fp16 import to_fp16
    from haresreid.deploy.int8 import calibration_images, quantize_int8

    cfg = load_config(str(find_config(args.model)))
    config, weights = map(str, (cfg.filename, args.weights) if args.weights else find_trained(args.model))
    if args.data_root is not None:
        cfg.train_dataloader.dataset.data_root = args.data_root
    # the images are looked for before long work starts
    calibration = calibration_images(cfg, args.calibration_images) if args.precision == 'int8' else None
    model = get_model(config, weights)
    with tempfile.TemporaryDirectory() as folder:
        fp32 = out if args.precision == 'fp32' else Path(folder, 'fp32.onnx')
        difference = export_onnx(model, load_config(config), weights, fp32)
        print(f'opset {OPSET}; features differ from PyTorch by {difference:.1e} at most, on noise, 1 and 5 at a time')
        if args.precision == 'fp16':
            to_fp16(fp32, out)
            print(describe(fp32, out, *noise(32, model.image_size), 'noise'))
        if args.precision == 'int8':
            quantize_int8(fp32, out, *calibration)
            print(describe(fp32, out, *(array[:32] for array in calibration), 'training images'))
    backend = OnnxBackend(out)
    height, width = backend.image_size
    print(
        f'{out}: {out.stat().st_size / 1e6:.2f} MB, {args.precision}; takes {" and ".join(backend.inputs)} of '
        f'{height}x{width} (height x width), gives {backend.feature_dim} numbers an image'
    )


def describe(one: Path, other: Path, images: np.ndarray, modalities: np.ndarray, what: str) -> str:
    from haresreid.apis import OnnxBackend

    features = [OnnxBackend(path)(images, modalities) for path in (one, other)]
    cosines = (features[0] * features[1]).sum(axis=1)  # (B,)
    return (
        f'cosine similarity to the fp32 file on {len(images)} {what}: mean {cosines.mean():.4f}, '
        f'least {cosines.min():.4f}'
    )
