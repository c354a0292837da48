"""What a model costs where it runs, and what that costs in accuracy: PyTorch and onnxruntime, at every precision.

    python benchmarks/deployment.py haresformer_synth
    python benchmarks/deployment.py configs/haresformer_synth.py work_dirs/haresformer_synth/epoch_36.pth

Exports the model, evaluates every version on the test set of its config, and times them in turn in one run: the median
of a pass with one image, and images a second with 32. A pass is from the bytes of resized images to their features.
Prints a table in Markdown.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from haresreid.apis import OnnxBackend, get_model
from haresreid.apis.model_names import find_config, find_trained
from haresreid.cli.arguments import user_path
from haresreid.cli.errors import clear_errors
from haresreid.config.config import load_config
from haresreid.costs.latency import measure_latencies
from haresreid.deploy.deployed_model import DeployedModel
from haresreid.deploy.export import export_onnx
from haresreid.deploy.fp16 import to_fp16
from haresreid.deploy.int8 import calibration_images, decoded_dataset, quantize_int8
from haresreid.evaluation import FeatureSet, evaluate
from haresreid.registry import PROTOCOLS

Run = Callable[[np.ndarray, np.ndarray], np.ndarray]  # images and modalities -> features
BATCH_SIZE = 32


@dataclass(frozen=True)
class Pass:
    """A pass of a batch, as :func:`measure_latencies` takes it."""

    run: Run
    images: torch.Tensor
    modalities: np.ndarray

    def __call__(self) -> None:
        self.run(self.images.numpy(), self.modalities)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', type=user_path, help='the config that the checkpoint was trained with, or its name')
    parser.add_argument(
        'weights', nargs='?', type=user_path, help='a .pth or .safetensors file; default: what comes with haresreid'
    )
    parser.add_argument('--rounds', type=int, default=50, metavar='N', help='of each batch size, at most; default: 50')
    parser.add_argument(
        '--seconds',
        type=float,
        default=40.0,
        metavar='S',
        help='for each batch size: no round begins later; default: 40',
    )
    parser.add_argument('--calibration-images', type=int, default=200, metavar='N', help='for int8; default: 200')
    args = parser.parse_args()
    config, weights = map(str, (find_config(args.model), args.weights) if args.weights else find_trained(args.model))
    cfg = load_config(str(find_config(args.model)))
    init_default_scope('haresreid')
    test_set = decoded_dataset(cfg, 'test_dataloader')
    images = np.stack([test_set[row]['img'] for row in range(len(test_set))])  # (N, H, W, 3)
    with tempfile.TemporaryDirectory() as folder:
        files = export_all(config, weights, cfg, Path(folder), args.calibration_images)
        sizes = {name: path.stat().st_size / 1e6 for name, path in files.items()}
        deployed = DeployedModel(get_model(config, weights)).eval()
        runs = {
            'PyTorch fp32': pytorch(deployed, torch.float32),
            'PyTorch bf16': pytorch(deployed, torch.bfloat16),
            **{name: OnnxBackend(path, torch.get_num_threads()) for name, path in files.items()},
        }
    figures = {name: accuracy(run, images, test_set, cfg) for name, run in runs.items()}
    latencies = []
    for batch_size in (1, BATCH_SIZE):
        rows = np.linspace(0, len(images) - 1, batch_size).astype(int)
        passes = {
            name: Pass(run, torch.from_numpy(images[rows]), test_set.modalities[rows]) for name, run in runs.items()
        }
        latencies.append(measure_latencies(passes, args.rounds, warmup=2, max_seconds=args.seconds))

    protocol = figures['PyTorch fp32'].name
    print(
        f'\n{Path(config).stem}, {images.shape[1]}x{images.shape[2]}, {len(images)} test images, {protocol}; '
        f'{torch.get_num_threads()} thread(s), {torch.backends.cpu.get_cpu_capability()}, PyTorch {torch.__version__}, '
        f'onnxruntime {onnxruntime.__version__}; {rounds(latencies[0])} and {rounds(latencies[1])} rounds\n'
    )
    print(f'| | file, MB | 1 image, p50, ms | {BATCH_SIZE} images, images/s | mAP, % | Rank-1, % |')
    print('|---|--:|--:|--:|--:|--:|')
    for name, figure in figures.items():
        size = f'{sizes[name]:.2f}' if name in sizes else '–'
        print(
            f'| {name} | {size} | {1000 * latencies[0][name].p50:.1f} | {latencies[1][name].images_per_second:.0f} | '
            f'{100 * figure.mean("mAP"):.2f} | {100 * figure.mean("R1"):.2f} |'
        )


def export_all(config: str, weights: str, data: Config, folder: Path, count: int) -> dict[str, Path]:
    """The model's files by the name of their rows; ``data`` is the config whose training images calibrate int8."""
    files = {f'ONNX {precision}': folder / f'{precision}.onnx' for precision in ('fp32', 'fp16', 'int8')}
    fp32, fp16, int8 = files.values()
    cfg = load_config(config)
    calibration = calibration_images(data, count)
    export_onnx(get_model(config, weights), cfg, weights, fp32)
    to_fp16(fp32, fp16)
    quantize_int8(fp32, int8, *calibration)
    return files


def pytorch(deployed: DeployedModel, dtype: torch.dtype) -> Run:
    """What the file computes, in PyTorch."""

    def run(images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), torch.autocast('cpu', dtype, enabled=dtype != torch.float32):
            return deployed(torch.from_numpy(images), torch.from_numpy(modalities)).numpy()

    return run


def accuracy(run: Run, images: np.ndarray, test_set, cfg):
    """Figures under the first protocol of the config."""
    features = [
        run(images[start : start + BATCH_SIZE], test_set.modalities[start : start + BATCH_SIZE])
        for start in range(0, len(images), BATCH_SIZE)
    ]
    feature_set = FeatureSet(
        np.concatenate(features), test_set.pids, test_set.camids, test_set.modalities, test_set.img_paths
    )
    return evaluate(feature_set, PROTOCOLS.build(cfg.test_evaluator.protocols[0]))


def rounds(latencies: dict) -> int:
    return len(next(iter(latencies.values())).seconds)


if __name__ == '__main__':
    with clear_errors():
        main()
