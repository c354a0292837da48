"""Our training step beside a plain one, in one process: time, losses, and the peak memory of each.

    python benchmarks/train_step.py configs/haresformer_synth.py
    python benchmarks/train_step.py configs/haresformer_sysu.py --rounds 3 --parts step
    python benchmarks/train_step.py configs/haresformer_sysu.py --rounds 3 --parts step memory --amp
    python benchmarks/train_step.py configs/haresformer_sysu.py --parts losses memory
    python benchmarks/train_step.py configs/haresformer_synth.py --parts options
    python benchmarks/train_step.py configs/haresformer_synth.py --parts look
    python benchmarks/train_step.py configs/baselines/transreid_sysu_paper.py --parts options --options bf16 --rounds 3
    python benchmarks/train_step.py configs/baselines/pmt_sysu_paper.py --parts options --options bf16 --batch-size 8
    python benchmarks/train_step.py configs/baselines/jsia_sysu_paper.py --parts options --options bf16 --batch-size 16

Plain is what this file writes down: the N x N matrix of attention and its softmax, losses that loop over identities,
maps in NCHW, convolutions wherever the model says so, an optimiser that updates one tensor after the other, and memory
as the C library hands it out by itself. Both start from the same random weights and see the same batch of people drawn
for SynVI; the losses of their first step must agree, and in float64 on eight images the gradients too. A round runs
both, in an order of its own; a ratio is the median over the rounds of the ratio within a round, with its quartiles. The
part "options" is a table of what activation checkpointing, accumulation, torch.compile and bfloat16 each do to our
step; it takes a config of any method. A method with a generator takes all its turns in a step, and the images of the
generator come beside those of --batch-size. The part "look" times a look of BranchHook beside our step.
"""

import argparse
import ctypes
import random
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from haresreid.cli.arguments import add_cfg_options, user_path
from haresreid.cli.errors import clear_errors
from haresreid.compat.allocator import M_MMAP_MAX, M_TRIM_THRESHOLD, keep_freed_memory
from haresreid.config.classes import class_of
from haresreid.config.config import image_size, load_config, read_overrides
from haresreid.costs.latency import Latency, measure_latencies
from haresreid.costs.memory import measure_memory
from haresreid.datasets import ByRole
from haresreid.engine import BF16OptimWrapper, BranchHook, CompileHook, GradCacheHook
from haresreid.engine.hooks.branch_hook import look
from haresreid.models import (
    AdversarialVIReID,
    HCTripletLoss,
    HierarchicalFeatures,
    IDLoss,
    MMDLoss,
    ReIDLoss,
    TransformerEncoderStage,
    VIReID,
    WeightedRegularizedTripletLoss,
)
from haresreid.models.layers import PatchConv2d
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch, ReIDDataSample
from haresreid.synvi import SynVISpec
from haresreid.synvi.identity import draw_identity
from haresreid.synvi.layouts import cameras
from haresreid.synvi.render import render_image

M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
LOSS_TOLERANCE = 1e-4  # relative, of each loss
AMP_TOLERANCE = 0.01  # the same where ours is in bfloat16, which has three digits
GRADIENT_TOLERANCE = 1e-6  # relative, of the vector of all gradients, in float64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=user_path, help='a config of HAResformer; for the part options, of any method')
    parser.add_argument(
        '--parts',
        nargs='+',
        choices=PARTS,
        default=['step', 'losses', 'memory'],
        metavar='PART',
        help=f'of {", ".join(PARTS)}; default: step losses memory',
    )
    parser.add_argument(
        '--options',
        nargs='+',
        choices=OPTIONS,
        default=list(OPTIONS),
        metavar='OPTION',
        help=f'rows of the table beside the plain config; default: {" ".join(OPTIONS)}',
    )
    parser.add_argument(
        '--batch-size', type=int, help="images of a step, at least 4; default: those of the config's sampler"
    )
    parser.add_argument('--amp', action='store_true', help='our step and its memory in bfloat16, plain in float32')
    parser.add_argument('--rounds', type=int, default=10, help='at least 1; default: 10')
    parser.add_argument('--warmup', type=int, default=1, help='rounds before them, not counted; default: 1')
    add_cfg_options(parser)
    args = parser.parse_args()
    args.overrides = read_overrides(args.cfg_options)
    if args.batch_size is not None:
        args.overrides |= of_batch(args.batch_size, load_config(args.config, args.overrides).train_dataloader.sampler)
    print(
        f'{args.config}, {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads, PyTorch '
        f'{torch.__version__}',
        flush=True,
    )
    for part in args.parts:
        PARTS[part](args)


def of_batch(size: int, sampler: dict) -> dict:
    """Config entries for a batch of so many images, of two people or more, with the sampler's images of each if it can.

    Raises:
        ValueError: If no batch of this size has as many images of each person in each modality.
    """
    num_instances = min(sampler['num_instances'], size // 4)
    if num_instances < 1 or size % (2 * num_instances):
        raise ValueError(
            f'--batch-size {size} gives no batch: it is 2 modalities x people x images of each, at least 2 x 2 x 1'
        )
    return {
        'train_dataloader.sampler.num_ids': size // (2 * num_instances),
        'train_dataloader.sampler.num_instances': num_instances,
    }


def compare_steps(args: argparse.Namespace) -> None:
    """Print how long a step takes, once gradients and losses are found to be equal."""
    check_gradients(args)
    steps = {name: Step(args.config, args.overrides, option) for name, option in compared(args).items()}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(args.warmup + args.rounds):
        for name in random.sample(list(steps), len(steps)):
            seconds[name].append(steps[name].settle())
    latencies = {
        name: Latency(np.array(each[args.warmup :]), len(steps[name].images)) for name, each in seconds.items()
    }
    check_equal(*(step.losses for step in steps.values()), tolerance=AMP_TOLERANCE if args.amp else LOSS_TOLERANCE)
    show(f'a step of {latencies["ours"].batch_size} images', latencies)


def compared(args: argparse.Namespace) -> dict[str, str]:
    """What :class:`Step` calls our step and the plain one."""
    return dict(ours='bf16' if args.amp else 'ours', plain='plain')


def compare_losses(args: argparse.Namespace) -> None:
    """Print how long all losses of the config take, forward and backward, at P = 16 and K = 8."""
    losses = {name: Losses(args.config, args.overrides, name) for name in ('ours', 'plain')}
    latencies = measure_latencies(losses, 10 * args.rounds, warmup=5)
    check_equal(*(each.losses for each in losses.values()))
    show('losses at P = 16, K = 8', latencies)


def compare_memory(args: argparse.Namespace) -> None:
    """Print the peak memory of a step, each in a process of its own."""
    for name, option in compared(args).items():
        memory = measure_memory(Step, args.config, args.overrides, option)
        peak, before = (size / 2**20 for size in (memory.peak, memory.before))
        print(f'  {name:5}: peak {peak:.0f} MiB, of it the step {peak - before:.0f}', flush=True)


def compare_options(args: argparse.Namespace) -> None:
    """Print a table of our step with one option each: time and memory, also relative to it without any."""
    names = ['ours', *args.options]
    memory = {name: measure_memory(Step, args.config, args.overrides, name) for name in names}
    steps = {name: Step(args.config, args.overrides, name) for name in names}
    latencies = measure_latencies(steps, args.rounds, args.warmup)
    print(f'| option | step, s | time, relative | peak, MiB | of it the step |\n|---|{4 * "--:|"}')
    for name in names:
        low, median, high = np.percentile(latencies[name].seconds / latencies['ours'].seconds, (25, 50, 75))
        peak, before = (size / 2**20 for size in (memory[name].peak, memory[name].before))
        print(
            f'| {OPTIONS[name].says if name in OPTIONS else "none"} | {latencies[name].p50:.3g} | {median:.2f} '
            f'({low:.2f} to {high:.2f}) | {peak:.0f} | {peak - before:.0f} |',
            flush=True,
        )


def compare_look(args: argparse.Namespace) -> None:
    """Print how many of our steps a look of BranchHook takes, and what its looks add to a training."""
    step = Step(args.config, args.overrides)
    latencies = measure_latencies(dict(step=step, look=Look(step)), args.rounds, args.warmup)
    low, median, high = np.percentile(latencies['look'].seconds / latencies['step'].seconds, (25, 50, 75))
    interval = BranchHook().interval
    print(
        f'  {args.rounds} rounds: a look takes {median:.2f} steps ({low:.2f} to {high:.2f}) of '
        f'{latencies["step"].p50:.4g} s; one in {interval} steps adds {100 * median / interval:.2f} %',
        flush=True,
    )


PARTS = dict(
    step=compare_steps, losses=compare_losses, memory=compare_memory, options=compare_options, look=compare_look
)


@dataclass(frozen=True)
class Option:
    """A way to trade time for memory, or the reverse.

    Attributes:
        says (str): What it is, in the table.
        overrides (dict): Config entries.
        hook: A hook of the training that prepares the model. Defaults to None.
        updates_every (int): Passes that make one update, each with a part of the batch. Defaults to 1.
    """

    says: str
    overrides: dict = field(default_factory=dict)
    hook: CompileHook | GradCacheHook | None = None
    updates_every: int = 1

    def overrides_of(self, cfg: Config) -> dict:
        """The overrides for a config, which may have an optimizer for each turn of a step."""
        if 'optimizer' in cfg.optim_wrapper:
            return self.overrides
        turns = [turn for turn, entry in cfg.optim_wrapper.items() if isinstance(entry, dict)]
        return {
            key.replace('optim_wrapper.', f'optim_wrapper.{turn}.'): value
            for key, value in self.overrides.items()
            for turn in turns
        }


OPTIONS = {
    'checkpoint-1': Option('`checkpoint_stages=(0, )`', {'model.backbone.checkpoint_stages': (0,)}),
    'checkpoint-all': Option('`checkpoint_stages=(0, 1, 2, 3)`', {'model.backbone.checkpoint_stages': (0, 1, 2, 3)}),
    'accumulate': Option(
        '`accumulative_counts=2`, half a batch each', {'optim_wrapper.accumulative_counts': 2}, updates_every=2
    ),
    'chunks': Option('`GradCacheHook(chunks=2)`', hook=GradCacheHook(2)),
    'compile': Option('`--compile`', hook=CompileHook()),
    'bf16': Option('`--amp`: bfloat16', {'optim_wrapper.type': BF16OptimWrapper}),
}


class Step:
    """A training step of a config on one batch, always the same: forward, losses, backward, optimiser.

    Args:
        config (str): The config file.
        overrides (dict, optional): See :func:`load_config`. Defaults to None.
        name (str): 'ours', 'plain', or one of the options. Defaults to 'ours'.
    """

    def __init__(self, config: str, overrides: dict | None = None, name: str = 'ours') -> None:
        self.allocate = forget_freed_memory if name == 'plain' else keep_freed_memory
        self.allocate()
        option = OPTIONS.get(name, Option(''))
        cfg = load_config(config, {**(overrides or {}), **option.overrides_of(load_config(config))})
        self.model, self.wrapper = build(cfg, plain=name == 'plain')
        if isinstance(self.model, AdversarialVIReID):
            self.model.set_epoch(self.model.warmup)  # all turns are due
        self.passes = option.updates_every
        if option.hook is not None:
            option.hook.before_train(SimpleNamespace(model=self.model, logger=MMLogger.get_current_instance()))
        sampler = cfg.train_dataloader.sampler
        self.batch = make_batch(sampler.num_ids // self.passes, sampler.num_instances, image_size(cfg))
        self.images = torch.stack(self.batch['inputs'])
        if 'generator' in sampler:
            drawn = make_batch(**sampler.generator, size=generator_size(cfg))
            for sample in drawn['data_samples']:
                sample.set_metainfo(dict(role='generator'))
            self.batch = {name: values + drawn[name] for name, values in self.batch.items()}
        self.losses: dict[str, Tensor] = {}  # of the first call

    def settle(self) -> float:
        """The seconds of a step after one that is not timed, in which the memory of another's steps becomes its own."""
        self.allocate()
        self()
        start = time.perf_counter()
        self()
        return time.perf_counter() - start

    def __call__(self) -> None:
        for _ in range(self.passes):
            losses = self.model.train_step(self.batch, self.wrapper)
        self.losses = self.losses or {name: value.detach() for name, value in losses.items() if name != 'acc_id'}


class Look:
    """A look of BranchHook at the batch of a step."""

    def __init__(self, step: Step) -> None:
        self.step, self.images = step, step.images

    def __call__(self) -> None:
        look(self.step.model, self.step.batch)


def generator_size(cfg: Config) -> tuple[int, int]:
    """Height and width of the generator's images."""
    roles = [step for step in cfg.train_dataloader.dataset.pipeline if class_of(step.type) is ByRole]
    sizes = [step.size for part in roles for step in part.generator if 'size' in step]
    return (sizes or [image_size(cfg)])[-1]


def forget_freed_memory() -> None:
    """What :func:`keep_freed_memory` changes, as glibc sets it by itself once a training runs."""
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_MAX, 65536)
    libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)
    libc.mallopt(M_TRIM_THRESHOLD, 64 * 2**20)
    libc.malloc_trim(0)


class Losses:
    """All losses of a config, forward and backward, on random features as wide as the model's."""

    def __init__(self, config: str, overrides: dict, name: str) -> None:
        cfg = load_config(config, overrides)
        model = build(cfg, plain=name == 'plain')[0]
        self.criterion, self.batch = model.criterion, ReIDBatch.of(make_samples(16, 8))
        size = len(self.batch.labels)
        self.images = torch.empty(size)  # as many as the features
        widths = {f'cls_{i}': width for i, width in enumerate(cfg.model.head.stage_channels, start=1)}
        widths['global_agg'], widths['embed'] = widths['cls_4'], model.head.bnneck.num_features
        widths['logits'] = model.head.num_classes
        self.features = {name: torch.randn(size, width).requires_grad_() for name, width in widths.items()}

    def __call__(self) -> None:
        self.losses = {
            name: sum(loss(self.features[key], self.batch) for key in self.criterion.features[name])
            for name, loss in self.criterion.losses.items()
        }
        sum(self.losses.values()).backward()


def build(cfg: Config, plain: bool) -> tuple[VIReID, OptimWrapper]:
    """The model with random weights, always the same, and its optimiser."""
    init_default_scope('haresreid')
    MMLogger.get_current_instance().setLevel('ERROR')  # it tells the weight decay of every parameter
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    if plain:
        model.__class__ = PlainReID
        for module in model.modules():
            if isinstance(module, PatchConv2d):  # a convolution like any other
                module.__class__ = nn.Conv2d
        model.backbone.transformers = nn.ModuleList(map(PlainTransformer, model.backbone.transformers))
        model.criterion.losses.update({name: PlainLoss(loss) for name, loss in model.criterion.losses.items()})
        cfg.optim_wrapper.optimizer.update(foreach=False, fused=False)
    return model.train(), build_optim_wrapper(model, cfg.optim_wrapper)


def make_batch(num_ids: int, num_instances: int, size: tuple[int, int]) -> dict:
    """P x K visible images of people drawn for SynVI, from -1 to 1, and P x K infrared ones.

    Not noise: in images without anything to tell, deep layers with random weights magnify every rounding.
    """
    spec = SynVISpec('regdb', 'easy', (num_ids, 0, num_ids), num_instances, size, seed=0)  # one camera of each modality
    samples, pixels = make_samples(num_ids, num_instances), []
    for index, sample in enumerate(samples):
        pid, camera, number = sample.gt_label + 1, cameras(spec)[sample.modality], index % num_instances
        pixels.append(render_image(spec.seed, pid, draw_identity(spec.seed, pid), camera, number, size))
    inputs = [torch.from_numpy(image).permute(2, 0, 1) / 127.5 - 1 for image in pixels]  # (3, H, W)
    return dict(inputs=inputs, data_samples=samples)


def make_samples(num_ids: int, num_instances: int) -> list[ReIDDataSample]:
    """The labels of P x K visible images and P x K infrared ones."""
    half = num_ids * num_instances
    return [
        ReIDDataSample(metainfo=dict(gt_label=index % half // num_instances, modality=Modality(index // half)))
        for index in range(2 * half)
    ]


def check_gradients(args: argparse.Namespace) -> None:
    """Compare all gradients of a step on a small batch in float64: float32 chooses hardest negatives by rounding."""
    small = {**args.overrides, 'train_dataloader.sampler.num_ids': 2, 'train_dataloader.sampler.num_instances': 2}
    gap = gradient_gap(*(first_gradient(Step(args.config, small, name)) for name in ('ours', 'plain')))
    print(f'  the gradients agree to {gap:.1e} in float64 (tolerance {GRADIENT_TOLERANCE:.0e})', flush=True)


def gradient_gap(ours: Tensor, plain: Tensor) -> float:
    """The relative difference of two gradients; refuse one above the tolerance."""
    gap = ((ours - plain).norm() / plain.norm()).item()
    if not gap <= GRADIENT_TOLERANCE:
        raise ValueError(f'the gradients are {gap:.1e} apart: ours and the plain step do not compute the same.')
    return gap


def first_gradient(step: Step) -> Tensor:
    """The gradients of all weights in a step's first update, in float64, as one vector."""
    step.model.double()
    step.batch['inputs'] = [image.double() for image in step.batch['inputs']]
    gradients: list[Tensor] = []
    step.wrapper.optimizer.register_step_pre_hook(
        lambda *_: gradients.extend(
            torch.zeros_like(each).flatten() if each.grad is None else each.grad.flatten()
            for each in step.model.parameters()
        )
    )
    step()
    return torch.cat(gradients).clone()


def check_equal(ours: dict[str, Tensor], plain: dict[str, Tensor], tolerance: float = LOSS_TOLERANCE) -> None:
    """Print the largest relative difference of the losses."""
    print(f'  the losses agree to {largest_gap(ours, plain, tolerance):.1e} (tolerance {tolerance:.0e})', flush=True)


def largest_gap(ours: dict[str, Tensor], plain: dict[str, Tensor], tolerance: float) -> float:
    """The largest relative difference of the losses; refuse one above the tolerance."""
    gaps = {name: abs(ours[name].item() / value.item() - 1) for name, value in plain.items() if value.item()}
    worst = max(gaps, key=gaps.get)
    if not gaps[worst] <= tolerance:
        raise ValueError(
            f'{worst} is {ours[worst]:.6g} in ours and {plain[worst]:.6g} in the plain step: they do not '
            'compute the same.'
        )
    return gaps[worst]


def show(what: str, latencies: dict[str, Latency]) -> None:
    """Print medians, and the ratio with its quartiles."""
    ours, plain = latencies['ours'], latencies['plain']
    low, median, high = np.percentile(plain.seconds / ours.seconds, (25, 50, 75))
    print(
        f'  {what}, {len(ours.seconds)} rounds: ours {ours.p50:.4g} s, plain {plain.p50:.4g} s: {median:.2f} times as '
        f'fast ({low:.2f} to {high:.2f})',
        flush=True,
    )


class PlainReID(VIReID):
    """Maps in NCHW."""

    def extract_feat(self, inputs: Tensor, batch: ReIDBatch) -> tuple[HierarchicalFeatures, ReIDBatch]:
        return self.backbone(inputs.contiguous(), batch)


class PlainTransformer(nn.Module):
    """A transformer encoder stage with the parameters of ours, its attention written out."""

    def __init__(self, stage: TransformerEncoderStage) -> None:
        super().__init__()
        self.stage = stage

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        stage = self.stage
        x = stage.patch_embed(x)
        batch, dims, height, width = x.shape
        patches = (x + stage.patch_pos).flatten(2).transpose(1, 2)  # (B, N, D)
        cls = (stage.cls_token + stage.cls_pos).expand(batch, -1, -1)  # (B, 1, D)
        x = torch.cat((cls, patches), dim=1)  # (B, N+1, D)
        for layer in stage.layers:
            x = x + self.attention(layer.attention, layer.norm1(x))
            x = x + layer.mlp(layer.norm2(x))
        x = stage.norm(x)
        patch_map = x[:, 1:].transpose(1, 2).reshape(batch, dims, height, width)
        return stage.cls_out_norm(x[:, 0]), stage.patch_out_norm(patch_map)

    @staticmethod
    def attention(layer: nn.Module, x: Tensor) -> Tensor:
        batch, tokens, dims = x.shape
        width = dims // layer.num_heads
        q, k, v = layer.qkv(x).reshape(batch, tokens, 3, layer.num_heads, width).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-2, -1)) * width**-0.5  # (B, nh, N+1, N+1)
        if not layer.cls_self_attention:
            scores[:, :, 0, 0] = -torch.inf
        x = scores.softmax(dim=-1) @ v  # (B, nh, N+1, D/nh)
        return layer.proj(x.transpose(1, 2).reshape(batch, tokens, dims))


class PlainLoss(ReIDLoss):
    """A loss that goes through the identities of the batch one by one."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        plain = {
            IDLoss: self.identity,
            HCTripletLoss: self.hc_triplet,
            MMDLoss: self.mmd,
            WeightedRegularizedTripletLoss: self.weighted_triplet,
        }
        if type(loss) not in plain:
            raise ValueError(
                f'{type(loss).__name__} has no plain form here; there are '
                f'{", ".join(known.__name__ for known in plain)}'
            )
        self.margin = getattr(loss, 'margin', None)
        self.forward = plain[type(loss)]

    def identity(self, logits: Tensor, batch: ReIDBatch) -> Tensor:
        return nn.functional.cross_entropy(logits, batch.labels)

    def hc_triplet(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        labels, modalities = batch.labels, batch.modalities
        ids = labels.unique()
        centers = [feats[(labels == pid) & (modalities == kind)].mean(dim=0) for kind in (0, 1) for pid in ids]
        distance = plain_distance(torch.stack(centers)).clamp(min=1e-12).sqrt()  # (2P, 2P)
        same_id = ids.repeat(2).unsqueeze(0) == ids.repeat(2).unsqueeze(1)
        terms = []
        for row, same in zip(distance, same_id):
            terms.append((self.margin + row[same].max() - row[~same].min()).clamp(min=0))
        return torch.stack(terms).mean()

    def mmd(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        labels, modalities = batch.labels, batch.modalities
        values = []
        for pid in labels.unique():
            visible, infrared = (feats[(labels == pid) & (modalities == kind)] for kind in (0, 1))
            squared = plain_distance(torch.cat((visible, infrared)))  # (n, n)
            bandwidth = squared.detach().sum() / (len(squared) ** 2 - len(squared)) / 4
            kernel = sum(torch.exp(-squared / (bandwidth * 2**i)) for i in range(5))
            half = len(visible)
            value = (
                kernel[:half, :half].mean()
                + kernel[half:, half:].mean()
                - kernel[:half, half:].mean()
                - kernel[half:, :half].mean()
            )
            values.append(value if value > self.margin else value * 0)
        return torch.stack(values).mean()

    def weighted_triplet(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        labels = batch.labels
        distance = plain_distance(feats).clamp(min=1e-12).sqrt()  # (N, N)
        terms = []
        for pid in labels.unique():
            rows = distance[labels == pid]
            positives, negatives = rows[:, labels == pid], rows[:, labels != pid]  # (2K, 2K), (2K, N-2K)
            of_positives = (positives - positives.max(dim=1, keepdim=True).values).exp()
            of_negatives = (-negatives).exp()
            to_positive = (of_positives * positives).sum(dim=1) / (of_positives.sum(dim=1) + 1e-6)
            to_negative = (of_negatives * negatives).sum(dim=1) / (of_negatives.sum(dim=1) + 1e-6)
            terms.append(nn.functional.softplus(to_positive - to_negative))
        return torch.cat(terms).mean()


def plain_distance(x: Tensor) -> Tensor:
    """Squared distances of rows from their differences, (N, D) -> (N, N)."""
    return (x.unsqueeze(0) - x.unsqueeze(1)).square().sum(dim=2)


if __name__ == '__main__':
    with clear_errors():
        main()
