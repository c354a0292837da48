"""Time and memory that heads H and layers L of the transformer encoders cost on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import torch

from haresreid.config.config import load_config
from haresreid.files.csv_files import csv_text
from haresreid.files.markdown import markdown_table

from .complexity import Cost
from .latency import ForwardPass, Latency, measure_latencies
from .memory import PeakMemory, measure_memory
from .model_cost import model_cost

__all__ = ['ImageCosts', 'ScalingRow', 'as_csv', 'as_markdown', 'measure_scaling']

DTYPES = dict(fp32=torch.float32, bf16=torch.bfloat16)
NONE = '–'
CSV_HEAD = (
    'batch_size',
    'dtype',
    'heads',
    'layers',
    'rounds',
    'p50_s',
    'p95_s',
    'images_per_s',
    'time_ratio',
    'time_ratio_q25',
    'time_ratio_q75',
    'peak_mib',
    'pass_mib',
    'paper_gmacs',
    'paper_mparams',
    'rule_gmacs',
    'rule_mparams',
    'deployed_gmacs',
    'deployed_mparams',
)


@dataclass(frozen=True)
class ImageCosts:
    """Costs of one image: as the paper prints it (if it has the row), by the paper's rule, and of the whole model."""

    paper: Cost | None
    by_rule: Cost
    deployed: Cost


@dataclass(frozen=True)
class ScalingRow:
    """The measurements of one setting."""

    batch_size: int
    dtype: str
    heads: int
    layers: int
    latency: Latency
    ratios: np.ndarray  # (R,) its time divided by the reference's, in each round
    memory: PeakMemory
    costs: ImageCosts


def measure_scaling(
    config: str,
    heads: Sequence[int],
    layers: Sequence[int],
    batch_sizes: Sequence[int],
    dtypes: Sequence[str],
    rounds: int,
    seconds: float,
    published: Mapping[tuple[int, int], Cost],
) -> list[ScalingRow]:
    """Measure all heads and layers with each batch size and dtype, and print what is being measured.

    The first heads and layers in fp32 are the reference. It is timed in the same rounds as the settings compared with
    it, once per batch size. Weights and images are random.

    Args:
        config (str): A config of HAResformer.
        heads (Sequence[int]): Numbers of heads H.
        layers (Sequence[int]): Numbers of layers L.
        batch_sizes (Sequence[int]): Images at a time.
        dtypes (Sequence[str]): 'fp32', 'bf16' or both.
        rounds (int): Number of rounds for each batch size and dtype, at most, after one warm-up round.
        seconds (float): Time for each batch size and dtype: no round begins later.
        published (Mapping[tuple[int, int], Cost]): The paper's costs, by (H, L).

    Raises:
        ValueError: If the model cannot have so many heads.
    """
    torch.manual_seed(0)
    cfgs = {key: load_config(config, _overrides(*key)) for key in product(heads, layers)}
    forwards = {key: ForwardPass.of_config(cfg) for key, cfg in cfgs.items()}
    counts = {key: model_cost(cfg) for key, cfg in cfgs.items()}
    costs = {key: ImageCosts(published.get(key), cost.by_rule, cost.deployed) for key, cost in counts.items()}
    rows = []
    for batch_size, dtype in product(dict.fromkeys(batch_sizes), dict.fromkeys(dtypes)):
        print(f'{batch_size} at a time, {dtype}: memory', flush=True)
        memory = {
            key: measure_memory(ForwardPass.from_config, config, _overrides(*key), batch_size, DTYPES[dtype])
            for key in forwards
        }
        print(f'{batch_size} at a time, {dtype}: time', flush=True)
        reference = 'fp32', *next(iter(forwards))
        settings = dict.fromkeys([reference, *((dtype, *key) for key in forwards)])  # the reference once
        passes = {(name, *key): _of_batch(forwards[tuple(key)], batch_size, DTYPES[name]) for name, *key in settings}
        latencies = measure_latencies(passes, rounds, max_seconds=seconds)
        for key in forwards:
            latency = latencies[(dtype, *key)]
            ratios = latency.seconds / latencies[reference].seconds
            rows.append(ScalingRow(batch_size, dtype, *key, latency, ratios, memory[key], costs[key]))
    return rows


def as_markdown(config: str, rows: Sequence[ScalingRow]) -> str:
    """Two tables: the cost of one image, and the measurements of that config's model."""
    by_setting = {(row.heads, row.layers): row.costs for row in rows}
    (heads, layers), first = next(iter(by_setting.items()))
    costs = [['H', 'L', 'paper, Table V', "by the paper's rule", 'deployed', 'deployed, relative']]
    for key, cost in by_setting.items():
        costs.append(
            [
                *map(str, key),
                *map(_cost, (cost.paper, cost.by_rule, cost.deployed)),
                f'{cost.deployed.macs / first.deployed.macs:.2f}',
            ]
        )
    measured = [
        [
            'batch',
            'dtype',
            'H',
            'L',
            'rounds',
            'p50, s',
            'p95, s',
            'images/s',
            'time, relative',
            'peak, MiB',
            'of it the pass',
        ]
    ]
    for row in rows:
        low, median, high = np.percentile(row.ratios, (25, 50, 75))
        figures = row.latency.p50, row.latency.p95, row.latency.images_per_second
        measured.append(
            [
                *map(str, (row.batch_size, row.dtype, row.heads, row.layers, len(row.ratios))),
                *map(_digits, figures),
                f'{median:.2f} ({low:.2f} to {high:.2f})',
                *(f'{size / 2**20:.0f}' for size in (row.memory.peak, row.memory.peak - row.memory.before)),
            ]
        )
    return '\n'.join(
        [
            f'{config}: the cost of one image, multiply-accumulates and parameters',
            '',
            markdown_table(costs, labels=0),
            '',
            "Paper: what it prints for its model at 288x144. By its rule: the backbone's convolutions, linear layers "
            'and norms. Deployed: the whole model at test time, products inside attention included.',
            '',
            f'Measured on {_device()}',
            '',
            markdown_table(measured, labels=0),
            '',
            f'Random weights and images. Relative: to H={heads}, L={layers} in fp32 with the same batch size, which '
            "ran in the same rounds; the median of the rounds' ratios, in brackets their quartiles. bf16 is autocast, "
            'weights stay float32. Peak: '
            + (
                'allocated on the GPU, weights and images included.'
                if torch.cuda.is_available()
                else 'resident in a new process that runs one pass; libraries, weights and images included.'
            ),
            '',
        ]
    )


def as_csv(rows: Sequence[ScalingRow]) -> str:
    """A line per setting, for programs; an empty cell where the paper prints nothing."""
    lines = [CSV_HEAD]
    for row in rows:
        low, median, high = np.percentile(row.ratios, (25, 50, 75))
        costs = [
            figure
            for cost in (row.costs.paper, row.costs.by_rule, row.costs.deployed)
            for figure in ((cost.macs / 1e9, cost.params / 1e6) if cost else ('', ''))
        ]
        memory = row.memory.peak / 2**20, (row.memory.peak - row.memory.before) / 2**20
        lines.append(
            (
                row.batch_size,
                row.dtype,
                row.heads,
                row.layers,
                len(row.ratios),
                row.latency.p50,
                row.latency.p95,
                row.latency.images_per_second,
                median,
                low,
                high,
                *memory,
                *costs,
            )
        )
    return csv_text(lines)


def _overrides(heads: int, layers: int) -> dict:
    return {'model.backbone.stage.num_heads': heads, 'model.backbone.stage.num_layers': layers}


def _of_batch(forward: ForwardPass, batch_size: int, dtype: torch.dtype) -> ForwardPass:
    images = torch.randn(batch_size, *forward.images.shape[1:], device=forward.images.device)
    return replace(forward, images=images, dtype=dtype, batch=forward.batch.repeat(batch_size))


def _device() -> str:
    if torch.cuda.is_available():
        return f'{torch.cuda.get_device_name()}, PyTorch {torch.__version__}'
    return (
        f'a CPU with {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads, PyTorch '
        f'{torch.__version__}'
    )


def _cost(cost: Cost | None) -> str:
    return f'{cost.macs / 1e9:.2f} G, {cost.params / 1e6:.2f} M' if cost else NONE


def _digits(figure: float) -> str:
    return f'{figure:.3g}' if figure < 1000 else f'{figure:.0f}'
