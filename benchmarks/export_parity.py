"""Whether exported files give PyTorch's features: the largest difference on SynVI images, model by model.

    python benchmarks/export_parity.py haresformer_sysu agw_sysu_paper
    python benchmarks/export_parity.py agw_synth=work_dirs/reproduce/agw_synth/seed_0/epoch_5.pth zero_padding_synth

A model is named, or is a config; weights follow an equals sign, or are random. Images are resized to the model's size.
Exits with an error if a difference exceeds the tolerance of the export.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from haresreid.apis import OnnxBackend, TorchBackend, get_model
from haresreid.apis.model_names import find_config
from haresreid.cli.arguments import user_path
from haresreid.cli.errors import clear_errors
from haresreid.config.config import load_config
from haresreid.deploy.export import TOLERANCE, export_onnx
from haresreid.files.images import read_rgb
from haresreid.registry import DATASETS

BATCH_SIZE = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('models', nargs='+', type=model_and_weights, metavar='MODEL[=WEIGHTS]')
    parser.add_argument('--images', type=int, default=100, metavar='N', help='half of each modality; default: 100')
    args = parser.parse_args()
    paths, modalities = synvi_images(args.images)
    print(f'{len(paths)} images of SynVI, {BATCH_SIZE} at a time, PyTorch {torch.__version__}\n')
    print('| model | weights | size | D | largest difference | export, s | MB |\n|---|---|--:|--:|--:|--:|--:|')
    worst = max(compare(*model.partition('=')[::2], paths, modalities) for model in args.models)
    if not worst <= TOLERANCE:
        sys.exit(f'the largest difference is {worst:.1e}, more than {TOLERANCE:.0e}')


def model_and_weights(text: str) -> str:
    return '='.join(map(user_path, text.split('=', 1)))


def synvi_images(count: int) -> tuple[list[str], np.ndarray]:
    """Paths and modalities of test images of the default set, evenly over its people."""
    dataset = DATASETS.build(load_config(str(find_config('haresformer_synth'))).test_dataloader.dataset)
    rows = [np.flatnonzero(dataset.modalities == modality) for modality in (0, 1)]
    chosen = np.sort(np.concatenate([of[np.linspace(0, len(of) - 1, count // 2).astype(int)] for of in rows]))
    return [dataset.img_paths[row] for row in chosen], dataset.modalities[chosen]


def compare(name: str, weights: str, paths: list[str], modalities: np.ndarray) -> float:
    """Export a model, print its row and return the largest difference."""
    torch.manual_seed(0)
    model = get_model(name, weights or False)
    height, width = model.image_size
    images = np.stack(
        [
            np.asarray(Image.fromarray(read_rgb(path)).resize((width, height), Image.Resampling.LANCZOS))
            for path in paths
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, 'model.onnx')
        start = time.perf_counter()
        export_onnx(model, load_config(str(find_config(name))), weights, file)
        seconds = time.perf_counter() - start
        ours, theirs = TorchBackend(model), OnnxBackend(file, torch.get_num_threads())
        size = file.stat().st_size / 1e6
    features = []
    for backend in (ours, theirs):
        parts = [
            backend(images[start : start + BATCH_SIZE], modalities[start : start + BATCH_SIZE])
            for start in range(0, len(images), BATCH_SIZE)
        ]
        features.append(np.concatenate(parts))  # (N, D)
    difference = float(np.abs(features[0] - features[1]).max())
    print(
        f'| {Path(name).stem} | {"trained" if weights else "random"} | {height}x{width} | {theirs.feature_dim} | '
        f'{difference:.1e} | {seconds:.0f} | {size:.1f} |',
        flush=True,
    )
    return difference


if __name__ == '__main__':
    with clear_errors():
        main()
