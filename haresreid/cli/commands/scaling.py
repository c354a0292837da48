"""Measure what heads H and layers L of the transformer encoders cost on this machine (Table V): time and memory.

    haresreid scaling haresformer_sysu
    haresreid scaling haresformer_synth --heads 1 2 4 --layers 1 2 3 --dtypes fp32

The first H and L in fp32 are the reference, timed in the same rounds as what is compared with it. Weights and images
are random: nothing is downloaded or read. Prints the tables; leaves them as STEM.md and STEM.csv, and a chart.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.cli.arguments import CONFIG, at_least, config_path, user_path
from haresreid.reproduce.paper import paper_table

if TYPE_CHECKING:
    import numpy as np
    import torch

    from haresreid.costs.complexity import Cost
    from haresreid.costs.latency import ForwardPass, Latency
    from haresreid.costs.memory import PeakMemory

DTYPES = dict(fp32='float32', bf16='bfloat16')  # names in torch
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
class Costs:
    """Of one image: what the paper prints, if it has the row; by its counting rule; of the whole model at test time."""

    paper: Cost | None
    by_rule: Cost
    deployed: Cost


@dataclass(frozen=True)
class Row:
    """One setting, measured."""

    batch_size: int
    dtype: str
    heads: int
    layers: int
    latency: Latency
    ratios: np.ndarray  # (R,) of its time to the reference's, in each round
    memory: PeakMemory
    costs: Costs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('config', type=config_path, help=f'{CONFIG}; of HAResformer')
    parser.add_argument('--heads', type=at_least(1), nargs='+', default=[1, 2], metavar='H', help='default: 1 2')
    parser.add_argument('--layers', type=at_least(1), nargs='+', default=[1, 2], metavar='L', help='default: 1 2')
    parser.add_argument('--dtypes', nargs='+', default=list(DTYPES), choices=DTYPES, help='default: fp32 bf16')
    parser.add_argument(
        '--batch-sizes', type=at_least(1), nargs='+', default=[1, 32], metavar='B', help='default: 1 32'
    )
    parser.add_argument(
        '--rounds',
        type=at_least(1),
        default=20,
        metavar='N',
        help='for each batch size and dtype, at most, after one that warms up; default: 20',
    )
    parser.add_argument(
        '--minutes',
        type=float,
        default=5.0,
        metavar='M',
        help='for each batch size and dtype: no round begins later; default: 5',
    )
    parser.add_argument('--out', type=user_path, metavar='STEM', help='default: work_dirs/scaling/<config name>')
    parser.add_argument('--overwrite', action='store_true', help='replace files that are there')


def main(args: argparse.Namespace) -> None:
    import torch

    from haresreid.costs.latency import ForwardPass
    from haresreid.files.files import written_whole
    from haresreid.visualization import ScalingPoint, draw_scaling, figure_files

    out = Path(args.out or Path('work_dirs/scaling', Path(args.config).stem))
    files = [out.with_name(f'{out.name}{suffix}') for suffix in ('.md', '.csv')]
    for file in (*files, *figure_files(out)):
        if file.exists() and not args.overwrite:
            raise ValueError(f'{file} is there already: add --overwrite to replace it, or give another --out.')
    torch.manual_seed(0)
    forwards = {
        (heads, layers): ForwardPass.from_config(args.config, _overrides(heads, layers))
        for heads, layers in product(args.heads, args.layers)
    }
    costs = {key: count_costs(forward, *key) for key, forward in forwards.items()}
    rows = []
    for batch_size, dtype in product(dict.fromkeys(args.batch_sizes), dict.fromkeys(args.dtypes)):
        rows += measure(args, forwards, costs, batch_size, dtype)

    out.parent.mkdir(parents=True, exist_ok=True)
    for file, text in zip(files, (as_markdown(args.config, rows), as_csv(rows))):
        with written_whole(file) as part:
            part.write_text(text, encoding='utf-8')
    first = rows[0].costs.deployed.macs
    draw_scaling(
        [
            ScalingPoint(row.batch_size, row.dtype, row.heads, row.layers, row.costs.deployed.macs / first, row.ratios)
            for row in rows
        ],
        out,
    )
    print(files[0].read_text(encoding='utf-8'))
    print('Written:', ', '.join(map(str, (*files, *figure_files(out)))))


def count_costs(forward: ForwardPass, heads: int, layers: int) -> Costs:
    import torch

    from haresreid.costs.complexity import Cost, count_flops, layer_costs

    model = forward.model
    modalities = torch.tensor([sample.modality for sample in forward.data_samples])
    printed = {row.label: row.values for row in paper_table('table5').rows}.get(f'H = {heads}, L = {layers}')
    paper = printed and Cost(round(printed['cost/FLOPs (G)'] * 1e9), round(printed['cost/parameters (M)'] * 1e6))
    params = sum(parameter.numel() for parameter in model.parameters())
    return Costs(
        paper,
        sum(layer_costs(model.backbone, forward.images, modalities).values(), Cost()),
        Cost(count_flops(forward) // 2, params),
    )


def measure(
    args: argparse.Namespace,
    forwards: dict[tuple[int, int], ForwardPass],
    costs: dict[tuple[int, int], Costs],
    batch_size: int,
    dtype: str,
) -> list[Row]:
    """All heads and layers with one batch size and dtype, and the reference of that batch size beside them."""
    import torch

    from haresreid.costs.latency import ForwardPass, measure_latencies
    from haresreid.costs.memory import measure_memory

    dtypes = {name: getattr(torch, DTYPES[name]) for name in ('fp32', dtype)}
    print(f'{batch_size} at a time, {dtype}: memory', flush=True)
    memory = {
        key: measure_memory(ForwardPass.from_config, args.config, _overrides(*key), batch_size, dtypes[dtype])
        for key in forwards
    }
    print(f'{batch_size} at a time, {dtype}: time', flush=True)
    reference = 'fp32', *next(iter(forwards))
    settings = dict.fromkeys([reference, *((dtype, *key) for key in forwards)])  # the reference once
    passes = {(name, *key): _of_batch(forwards[tuple(key)], batch_size, dtypes[name]) for name, *key in settings}
    latencies = measure_latencies(passes, args.rounds, max_seconds=60 * args.minutes)
    return [
        Row(
            batch_size,
            dtype,
            *key,
            latencies[(dtype, *key)],
            latencies[(dtype, *key)].seconds / latencies[reference].seconds,
            memory[key],
            costs[key],
        )
        for key in forwards
    ]


def as_markdown(config: str, rows: list[Row]) -> str:
    """Two tables: what one image costs, and what was measured."""
    import numpy as np
    import torch

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
            *_grid(costs),
            '',
            "Paper: what it prints for its model at 288x144. By its rule: the backbone's convolutions, linear layers "
            'and norms. Deployed: the whole model at test time, products inside attention included.',
            '',
            f'Measured on {_device()}',
            '',
            *_grid(measured),
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


def as_csv(rows: list[Row]) -> str:
    """A line per setting, for programs; an empty cell where the paper prints nothing."""
    import numpy as np

    from haresreid.files.csv_files import csv_text

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
    return {'model.backbone.num_heads': heads, 'model.backbone.num_layers': layers}


def _of_batch(forward: ForwardPass, batch_size: int, dtype: torch.dtype) -> ForwardPass:
    import torch

    images = torch.randn(batch_size, *forward.images.shape[1:], device=forward.images.device)
    return replace(forward, images=images, dtype=dtype, data_samples=forward.data_samples * batch_size)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return f'{torch.cuda.get_device_name()}, PyTorch {torch.__version__}'
    return (
        f'a CPU with {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads, PyTorch '
        f'{torch.__version__}'
    )


def _grid(lines: list[list[str]]) -> list[str]:
    head, *body = lines
    return [f'| {" | ".join(line)} |' for line in (head, ['--:'] * len(head), *body)]


def _cost(cost: Cost | None) -> str:
    return f'{cost.macs / 1e9:.2f} G, {cost.params / 1e6:.2f} M' if cost else NONE


def _digits(figure: float) -> str:
    return f'{figure:.3g}' if figure < 1000 else f'{figure:.0f}'
