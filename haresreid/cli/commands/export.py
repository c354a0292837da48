"""Write a trained model as an ONNX file, which runs without PyTorch.

haresreid export haresformer_synth epoch_30.pth --out haresformer.onnx
haresreid export haresformer_synth --out haresformer_int8.onnx --precision int8
haresreid export haresformer_synth --out edge.onnx --modality infrared --layout nchw --dims 128 --openvino --edge
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import MODALITIES
from haresreid.cli.arguments import at_least, user_path
from haresreid.files.extras import require_extra

if TYPE_CHECKING:
    import numpy as np

# suffixes of what --edge writes
EDGE = '.md', '.trtexec.sh', '.deepstream.yml'


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
    parser.add_argument('--modality', choices=MODALITIES, help='of every image: the file then has one input')
    parser.add_argument(
        '--layout', choices=['nhwc', 'nchw'], default='nhwc', help='nchw: float32 (B, 3, H, W). Default: nhwc, bytes'
    )
    parser.add_argument('--dims', type=at_least(1), metavar='D', help='reduce the feature to D numbers, by PCA')
    parser.add_argument('--whiten', action='store_true', help='--dims: give all D numbers the same variance')
    parser.add_argument('--openvino', action='store_true', help="also write OpenVINO's .xml and .bin beside it")
    parser.add_argument(
        '--edge',
        action='store_true',
        help='also write a model card, a TensorRT build command and a DeepStream tracker file beside it',
    )
    parser.add_argument(
        '--data-root', type=user_path, help="int8, --dims: folder of the training set, instead of the config's"
    )
    parser.add_argument(
        '--reduction-images', type=at_least(2), default=2000, metavar='N', help='--dims: training images; default: 2000'
    )
    parser.add_argument(
        '--calibration-images',
        type=at_least(1),
        default=200,
        metavar='N',
        help='int8: training images that show the range of activations; default: 200',
    )


def main(args: argparse.Namespace) -> None:
    out = Path(args.out)
    if out.suffix != '.onnx' or not out.parent.is_dir():
        raise ValueError(f'--out {out} must be an .onnx file in a folder that exists.')
    for suffix in ('.onnx', *(['.xml', '.bin'] if args.openvino else []), *(EDGE if args.edge else [])):
        if (there := out.with_suffix(suffix)).exists() and not args.overwrite:
            raise ValueError(f'{there} is there already: add --overwrite to replace it, or give another --out.')
    if args.edge and args.layout != 'nchw':
        raise ValueError('--edge is for tools that take one tensor (B, 3, H, W): add --layout nchw.')
    if args.openvino:
        require_extra('openvino', 'openvino')
    from haresreid.apis import OnnxBackend, TorchBackend, get_model
    from haresreid.apis.model_names import find_config, find_trained
    from haresreid.config.config import load_config
    from haresreid.deploy.export import OPSET, export_onnx, noise
    from haresreid.deploy.fp16 import to_fp16
    from haresreid.deploy.int8 import calibration_images, quantize_int8
    from haresreid.deploy.reduction import fit_reduction, training_features
    from haresreid.structures import Modality

    cfg = load_config(str(find_config(args.model)))
    config, weights = map(str, (cfg.filename, args.weights) if args.weights else find_trained(args.model))
    if args.data_root is not None:
        cfg.train_dataloader.dataset.data_root = args.data_root
    # the images are looked for before long work starts
    calibration = calibration_images(cfg, args.calibration_images) if args.precision == 'int8' else None
    training = calibration_images(cfg, args.reduction_images) if args.dims else None
    model = get_model(config, weights)
    reduction = training and fit_reduction(training_features(TorchBackend(model), *training), args.dims, args.whiten)
    modality = Modality[args.modality.upper()] if args.modality else None
    with tempfile.TemporaryDirectory() as folder:
        fp32 = out if args.precision == 'fp32' else Path(folder, 'fp32.onnx')
        difference = export_onnx(model, load_config(config), weights, fp32, modality, args.layout, reduction)
        print(f'opset {OPSET}; features differ from PyTorch by {difference:.1e} at most, on noise, 1 and 5 at a time')
        if args.precision == 'fp16':
            to_fp16(fp32, out)
            print(describe(fp32, out, noise(32, model.image_size)[0], modality, 'images of noise'))
        if args.precision == 'int8':
            quantize_int8(fp32, out, *calibration)
            print(describe(fp32, out, calibration[0][:32], modality, 'training images'))
    backend = OnnxBackend(out)
    height, width = backend.image_size
    print(
        f'{out}: {out.stat().st_size / 1e6:.2f} MB, {args.precision}; takes {" and ".join(backend.inputs)} of '
        f'{height}x{width} (height x width), gives {backend.feature_dim} numbers an image'
    )
    if args.openvino:
        from haresreid.deploy.export import difference_on_noise
        from haresreid.deploy.openvino_ir import OpenVinoBackend, to_openvino

        to_openvino(out, out.with_suffix('.xml'))
        difference = difference_on_noise(model, OpenVinoBackend(out.with_suffix('.xml')), modality, reduction)
        print(f'{out.with_suffix(".xml")}: features differ from PyTorch by {difference:.1e} at most in OpenVINO')
    if args.edge:
        from haresreid.deploy.edge import write_edge_files
        from haresreid.deploy.model_card import write_model_card

        files = [write_model_card(out, load_config(config), weights), *write_edge_files(out)]
        print(f'beside it: {", ".join(file.name for file in files)}')


def describe(one: Path, other: Path, images: np.ndarray, modality: int | None, what: str) -> str:
    import numpy as np

    from haresreid.apis import OnnxBackend

    modalities = np.arange(len(images)) % 2 if modality is None else np.full(len(images), modality)
    features = [OnnxBackend(path)(images, modalities) for path in (one, other)]
    cosines = (features[0] * features[1]).sum(axis=1)  # (B,)
    return (
        f'cosine similarity to the fp32 file on {len(images)} {what}: mean {cosines.mean():.4f}, '
        f'least {cosines.min():.4f}'
    )
