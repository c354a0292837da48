"""What models cost on one image where they run: parameters, multiplications, file size and time, side by side.

    python benchmarks/latency.py haresformer_synth light_synth light_sysu agw_sysu_paper

Exports every model with random weights, and times all in turn in one run, in onnxruntime and in PyTorch. A pass is from
the bytes of a resized image to its feature. Prints a table in Markdown, whose last two columns compare with the first
model: medians of the ratios of each round, from which slow periods of the machine cancel out.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from haresreid.apis import OnnxBackend, get_model
from haresreid.apis.model_names import find_config
from haresreid.cli.arguments import at_least, user_path
from haresreid.cli.errors import clear_errors
from haresreid.config.config import load_config
from haresreid.costs.latency import measure_latencies
from haresreid.costs.model_cost import model_cost
from haresreid.deploy.deployed_model import DeployedModel
from haresreid.deploy.export import export_onnx, noise


@dataclass(frozen=True)
class Pass:
    """A pass of one image, as :func:`measure_latencies` takes it."""

    run: Callable[[np.ndarray, np.ndarray], object]
    images: torch.Tensor
    modalities: np.ndarray

    def __call__(self) -> None:
        self.run(self.images.numpy(), self.modalities)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('models', nargs='+', type=user_path, metavar='MODEL', help='names or configs')
    parser.add_argument('--rounds', type=at_least(1), default=50, metavar='N', help='default: 50')
    args = parser.parse_args()
    cfgs = {name: load_config(str(find_config(name))) for name in args.models}
    costs = {name: model_cost(cfg) for name, cfg in cfgs.items()}
    passes, megabytes, sizes = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, cfg in cfgs.items():
            model, file = get_model(name), Path(folder, f'{Path(name).stem}.onnx')
            export_onnx(model, cfg, '', file)
            megabytes[name], sizes[name] = file.stat().st_size / 1e6, model.image_size
            images, modalities = noise(1, model.image_size)
            for library, run in (
                ('ONNX', OnnxBackend(file, torch.get_num_threads())),
                ('PyTorch', in_pytorch(DeployedModel(model).eval())),
            ):
                passes[library, name] = Pass(run, torch.from_numpy(images), modalities)
    latencies = measure_latencies(passes, args.rounds, warmup=2)

    print(
        f'{torch.get_num_threads()} thread(s), {torch.backends.cpu.get_cpu_capability()}, PyTorch {torch.__version__}, '
        f'onnxruntime {onnxruntime.__version__}; {args.rounds} rounds\n'
    )
    print('| model | image | parameters, M | MACs, G | file, MB | ONNX, ms | PyTorch, ms | ONNX | PyTorch |')
    print('|---|---|--:|--:|--:|--:|--:|--:|--:|')
    for name, cost in costs.items():
        ours = [latencies[library, name] for library in ('ONNX', 'PyTorch')]
        ratios = [
            latency.relative_to(latencies[library, args.models[0]])
            for library, latency in zip(('ONNX', 'PyTorch'), ours)
        ]
        print(
            f'| `{Path(name).stem}` | {"x".join(map(str, sizes[name]))} | {cost.params / 1e6:.2f} | '
            f'{cost.flops / 2e9:.3f} | {megabytes[name]:.2f} | {1000 * ours[0].p50:.1f} | {1000 * ours[1].p50:.1f} | '
            f'{ratios[0]:.2f} | {ratios[1]:.2f} |'
        )


def in_pytorch(deployed: DeployedModel) -> Callable[[np.ndarray, np.ndarray], object]:
    """What the file computes, in PyTorch."""

    def run(images: np.ndarray, modalities: np.ndarray) -> object:
        with torch.inference_mode():
            return deployed(torch.from_numpy(images), torch.from_numpy(modalities))

    return run


if __name__ == '__main__':
    with clear_errors():
        main()
