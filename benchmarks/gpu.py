"""What a GPU does here, in eight minutes at most: training steps, evaluation, recovery and resume, into one JSON file.

    python benchmarks/gpu.py --out gpu.json
    python benchmarks/gpu.py --out cpu.json --device cpu --small    # every line of it on a machine without a GPU
    python benchmarks/gpu.py --out gpu.json --parts agw evaluator

Each part runs in a process of its own, and the file is written after each. A part that fails, or is still at work when
the time is over, leaves what it has measured by then; the others go on. The last line says what failed or disagreed,
and the exit code is 1 if anything did.

| part | what it measures |
|---|---|
| haresformer, agw, vit | a training step in fp32, fp16 and bf16: images/s, memory, losses beside the CPU's in fp32 |
| evaluator | the figures of SYSU-MM01's and RegDB's sizes on the device and in NumPy, which must be equal |
| large | the evaluation of 20,000 queries among 100,000 images |
| overflow | fp16 gradients that overflow: skipped steps, the scale, the steps after them |
| resume | a training that is killed and resumed beside two that are left alone |
| processes | a step of two processes, over NCCL if there are two GPUs: the gradients beside those of one process |
| compile | the steps of haresformer, agw and vit with --compile |

On a CPU, fp16 runs in a wrapper of this file, because MMEngine's wants a GPU, and the processes talk over gloo.
"""

import argparse
import json
import os
import platform
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from evaluation import all_against_all, sysu_images
from kill_and_resume import CONFIG, Training, differences, kill_at
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor, nn
from train_step import build, make_batch

from haresreid.cli.arguments import user_path
from haresreid.cli.errors import clear_errors
from haresreid.config.config import image_size, load_config
from haresreid.engine import BF16OptimWrapper, CompileHook
from haresreid.evaluation import METRIC_NAMES, CrossModalProtocol, FeatureSet, RegDBProtocol, SYSUProtocol, evaluate
from haresreid.evaluation.functional import l2_normalize
from haresreid.files.files import write_json

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
METHODS = dict(  # at full size, and --small
    haresformer=('haresformer_sysu.py', 'haresformer_synth.py'),
    agw=('baselines/agw_sysu_unified.py', 'baselines/agw_synth.py'),
    vit=('baselines/vit_sysu_unified.py', 'baselines/vit_synth.py'),
)
NOT_RANDOM = dict(vit={'model.backbone.drop_path_rate': 0.0})  # a device draws numbers of its own
FEW = (4, 2)  # people and images of each, for losses beside the CPU's and the gradients of two processes
# Relative, of each loss of the first step. TF32 is off in it; half precision has three digits.
TOLERANCES = dict(fp32=1e-3, fp16=0.03, bf16=0.03)
GRADIENT_TOLERANCE = 1e-9  # relative, in float64
EQUAL = 1e-9  # of figures, which are fractions
WARMUP = 3

Row = tuple[str, Callable[[], dict]]


class CPUAmpOptimWrapper(AmpOptimWrapper):
    """MMEngine's wrapper for fp16 with a scaled loss, without its refusal of a CPU."""

    def __init__(self, loss_scale: str | dict = 'dynamic', **kwargs) -> None:
        OptimWrapper.__init__(self, **kwargs)
        self._scale_update_param = None
        self.loss_scaler = torch.amp.GradScaler('cpu', **({} if loss_scale == 'dynamic' else loss_scale))

    @contextmanager
    def optim_context(self, model: nn.Module):
        with OptimWrapper.optim_context(self, model), torch.autocast('cpu', torch.float16):
            yield


class Step:
    """A training step of a method on one batch, always the same, from the same random weights.

    Args:
        method (str): Of ``METHODS``.
        device (str): 'cuda' or 'cpu'.
        small (bool): Whether the model is narrow.
        precision (str): 'fp32', 'fp16' or 'bf16'. Defaults to 'fp32'.
        batch (tuple[int, int], optional): People and images of each. Defaults to None: those of the config.
        loss_scale (dict, optional): Of the scaler of fp16. Defaults to None: MMEngine's.
    """

    def __init__(
        self,
        method: str,
        device: str,
        small: bool,
        precision: str = 'fp32',
        batch: tuple[int, int] | None = None,
        loss_scale: dict | None = None,
    ) -> None:
        cfg = load_config(str(CONFIGS / METHODS[method][small]), NOT_RANDOM.get(method))
        fp16 = AmpOptimWrapper if torch.cuda.is_available() else CPUAmpOptimWrapper
        cfg.optim_wrapper.type = dict(fp32=OptimWrapper, fp16=fp16, bf16=BF16OptimWrapper)[precision]
        if loss_scale:
            cfg.optim_wrapper.loss_scale = loss_scale
        sampler = cfg.train_dataloader.sampler
        self.model, self.wrapper = build(cfg, plain=False)
        self.model.to(device)
        self.batch = make_batch(*(batch or (sampler.num_ids, sampler.num_instances)), image_size(cfg))

    def __call__(self) -> dict[str, float]:
        """The losses of the step."""
        losses = self.model.train_step(self.batch, self.wrapper)
        return {name: value.item() for name, value in losses.items() if name.startswith('loss_')}


def training(method: str, device: str, small: bool) -> Iterator[Row]:
    reference = Step(method, 'cpu', small, batch=FEW)()
    for precision in TOLERANCES:
        yield precision, partial(training_row, method, device, small, precision, reference)


def training_row(method: str, device: str, small: bool, precision: str, reference: dict[str, float]) -> dict:
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        losses = Step(method, device, small, precision, FEW)()
    gap = max(abs(losses[name] - value) / max(abs(value), 1e-6) for name, value in reference.items())
    return dict(
        losses=losses,
        losses_of_the_cpu=reference,
        largest_relative_difference=gap,
        agrees=gap <= TOLERANCES[precision],
        **speed(Step(method, device, small, precision, FEW if small else None), device, small),
    )


def speed(step: Step, device: str, small: bool) -> dict:
    """Images per second and the peak of the memory."""
    if device == 'cuda':
        torch.cuda.reset_peak_memory_stats()
    first = seconds_of(step, device)
    for _ in range(0 if small else WARMUP):
        step()
    seconds = [seconds_of(step, device) for _ in range(1 if small else 10)]
    images = len(step.batch['inputs'])
    return dict(
        images=images,
        first_step_seconds=first,
        step_seconds=seconds,
        images_per_second=images / float(np.median(seconds)),
        peak_memory_bytes=peak_memory(device),
    )


def seconds_of(function: Callable[[], object], device: str) -> float:
    """How long a call takes, with all that it has left in the GPU's queue."""
    if device == 'cuda':
        torch.cuda.synchronize()
    start = time.perf_counter()
    function()
    if device == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - start


def peak_memory(device: str) -> int:
    """The most that PyTorch has allocated on the GPU since the last reset, or that the process has held so far."""
    if device == 'cuda':
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def evaluator(device: str, small: bool) -> Iterator[Row]:
    if small:
        few = all_against_all(20, 4, 3)
        problems = dict(sysu=(few, SYSUProtocol('all')), regdb=(few, RegDBProtocol()))
        few.camids[few.modalities == 1] = 3  # an infrared camera of SYSU-MM01
    else:
        problems = dict(
            sysu=(sysu_images(), SYSUProtocol('all')), regdb=(all_against_all(206, 10, 10), RegDBProtocol())
        )
    for name, (images, protocol) in problems.items():
        yield name, partial(evaluator_row, images, protocol, device)


def evaluator_row(images: SimpleNamespace, protocol: CrossModalProtocol, device: str) -> dict:
    found, features = [], random_features(images, 512)
    seconds = [
        seconds_of(lambda to=to: found.append(evaluate(features, protocol, to)), device) for to in (device, None)
    ]
    figures, expected = ({name: result.mean(name) for name in METRIC_NAMES} for result in found)
    gap = max(abs(figures[name] - value) for name, value in expected.items())
    return dict(
        seconds=seconds[0],
        seconds_in_numpy=seconds[1],
        figures=figures,
        largest_difference=gap,
        agrees=gap <= EQUAL,
    )


def large(device: str, small: bool) -> Iterator[Row]:
    yield 'all', partial(large_row, *((20, 10, 50, 64) if small else (1000, 20, 100, 2048)), device)


def large_row(num_ids: int, queries: int, gallery: int, dimensions: int, device: str) -> dict:
    images = all_against_all(num_ids, queries, gallery)
    features = random_features(images, dimensions)
    if device == 'cuda':
        torch.cuda.reset_peak_memory_stats()
    found = []
    seconds = seconds_of(lambda: found.append(evaluate(features, CrossModalProtocol('v2i'), device)), device)
    return dict(
        queries=found[0].num_queries,
        gallery=int(found[0].num_gallery[0]),
        dimensions=dimensions,
        seconds=seconds,
        peak_memory_bytes=peak_memory(device),
        mAP=found[0].mean('mAP'),
    )


def random_features(images: SimpleNamespace, dimensions: int) -> FeatureSet:
    """Features in which a person's images are somewhat alike."""
    rng = np.random.default_rng(0)
    looks = rng.standard_normal((images.pids.max() + 1, dimensions), dtype=np.float32)
    features = rng.standard_normal((len(images.pids), dimensions), dtype=np.float32)
    for start in range(0, len(features), 1000):  # in place: a second copy of the large set would count
        rows = slice(start, start + 1000)
        features[rows] = l2_normalize(features[rows] + 0.3 * looks[images.pids[rows]])
    return FeatureSet(features, images.pids, images.camids, images.modalities, images.img_paths)


def overflow(device: str, small: bool) -> Iterator[Row]:
    yield 'fp16', partial(overflow_row, device, small)


def overflow_row(device: str, small: bool) -> dict:
    """Begin with a scale that no gradient in fp16 survives."""
    scale = dict(init_scale=2.0**48, backoff_factor=2.0**-8, growth_interval=3)
    step = Step('vit', device, small, 'fp16', (2, 2), loss_scale=scale)
    rows = []
    for _ in range(12):
        before = [each.detach().clone() for each in step.model.parameters()]
        losses = step()
        moved = any(not torch.equal(old, new) for old, new in zip(before, step.model.parameters()))
        finite = all(bool(each.isfinite().all()) for each in step.model.parameters())
        rows.append(dict(loss=sum(losses.values()), scale=step.wrapper.loss_scaler.get_scale(), moved=moved))
        if not finite or not np.isfinite(rows[-1]['loss']):
            return dict(steps=rows, agrees=False)
    skipped = next((number for number, row in enumerate(rows) if row['moved']), len(rows))
    scales = [row['scale'] for row in rows]
    return dict(
        steps=rows,
        skipped=skipped,
        grew=max(later / earlier for earlier, later in pairwise(scales)) > 1,
        agrees=0 < skipped < len(rows) and all(later < scale['init_scale'] for later in scales),
    )


def resume(device: str, small: bool) -> Iterator[Row]:
    yield 'killed', partial(resume_row, device)


def resume_row(device: str) -> dict:
    """Kill a training of three epochs in an evaluation; on a GPU, two that are left alone differ, too."""
    args = argparse.Namespace(config=CONFIG, processes=1, epochs=3, port=0, amp=True)
    with tempfile.TemporaryDirectory() as folder:
        trainings = [Training(Path(folder, name), args) for name in ('alone', 'again', 'killed')]
        was_killed = kill_at(trainings[2], 'validation', random.Random(0))
        for training in trainings:
            with training.start() as process:
                pass
            if process.returncode:
                raise ValueError(training.log.read_text()[-2000:])
        alone, again, killed = (training.result for training in trainings)
    of_chance = {name: max(differences(content, again[name]), default=0) for name, content in alone.items()}
    of_the_kill = {name: max(differences(content, killed[name]), default=0) for name, content in alone.items()}
    return dict(
        was_killed=was_killed,
        scale=alone['optimiser'].get('loss_scaler', {}).get('scale'),
        largest_differences_of_two_left_alone=of_chance,
        largest_differences_of_the_killed_one=of_the_kill,
        agrees=was_killed and (device == 'cuda' or not any(of_the_kill.values())),
    )


def processes(device: str, small: bool) -> Iterator[Row]:
    yield 'nccl' if device == 'cuda' else 'gloo', partial(processes_row, device, small)


def processes_row(device: str, small: bool) -> dict:
    if device == 'cuda' and torch.cuda.device_count() < 2:
        return dict(left_out='there is one GPU')
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(process, (device, small, folder), nprocs=2)
        return json.loads(Path(folder, 'row.json').read_text())


def process(rank: int, device: str, small: bool, folder: str) -> None:
    """One of two processes, each with half of the people; the first compares and writes."""
    backend = 'nccl' if device == 'cuda' else 'gloo'
    torch.distributed.init_process_group(backend, f'file://{folder}/meeting', rank=rank, world_size=2)
    here = f'cuda:{rank}' if device == 'cuda' else 'cpu'
    if device == 'cuda':
        torch.cuda.set_device(rank)
    halves = [Step('agw', here, small, batch=FEW) for _ in range(2)]
    for number, half in enumerate(halves):  # other images with the same people's labels
        half.model.double()
        half.batch['inputs'] = [image.double().flip(-1) if number else image.double() for image in half.batch['inputs']]
    shared = Step('agw', here, small, batch=FEW)
    shared.batch = halves[rank].batch
    shared.model = MMDistributedDataParallel(
        shared.model.double(), device_ids=[rank] if device == 'cuda' else None, broadcast_buffers=False
    )
    expected = torch.stack([gradient(half) for half in halves]).mean(0)
    gap = ((gradient(shared) - expected).norm() / expected.norm()).item()
    seconds = [seconds_of(shared, device) for _ in range(1 if small else 5)]
    torch.distributed.destroy_process_group()
    if rank == 0:
        row = dict(relative_difference_of_gradients=gap, agrees=gap <= GRADIENT_TOLERANCE, step_seconds=seconds)
        Path(folder, 'row.json').write_text(json.dumps(row))


def gradient(step: Step) -> Tensor:
    """All gradients of a step's first update, as the optimiser receives them, as one vector."""
    found = []
    step.wrapper.optimizer.register_step_pre_hook(
        lambda *_: found.extend(
            torch.zeros_like(each).flatten() if each.grad is None else each.grad.flatten().clone()
            for each in step.model.parameters()
        )
    )
    step()
    return torch.cat(found)


def compiled(device: str, small: bool) -> Iterator[Row]:
    for method in METHODS:
        yield method, partial(compiled_row, method, device, small)


def compiled_row(method: str, device: str, small: bool) -> dict:
    step = Step(method, device, small, batch=FEW if small else None)
    CompileHook().before_train(SimpleNamespace(model=step.model, logger=MMLogger.get_current_instance()))
    return speed(step, device, small)


PARTS: dict[str, Callable[[str, bool], Iterator[Row]]] = dict(
    haresformer=partial(training, 'haresformer'),
    agw=partial(training, 'agw'),
    vit=partial(training, 'vit'),
    evaluator=evaluator,
    large=large,
    overflow=overflow,
    resume=resume,
    processes=processes,
    compile=compiled,
)


def measure(part: str, device: str, small: bool, file: Path) -> None:
    """Add a line to a file for each row of a part; a row that fails says why."""
    for name, function in PARTS[part](device, small):
        start = time.perf_counter()
        try:
            row = function()
        except (Exception, SystemExit) as error:
            row = dict(error=f'{type(error).__name__}: {error}')
        row['row_seconds'] = time.perf_counter() - start
        with open(file, 'a', encoding='utf-8') as rows:
            rows.write(json.dumps({name: row}) + '\n')


def run_part(part: str, args: argparse.Namespace, seconds: float) -> dict:
    """What a process measures in this time; ``error`` says why a part is not complete."""
    if seconds <= 0:
        return dict(error='no time was left', rows={})
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rows, log = Path(folder, 'rows'), Path(folder, 'log')
        command = [sys.executable, __file__, '--device', args.device, '--parts', part, '--rows', str(rows)]
        environment = dict(os.environ, **(dict(CUDA_VISIBLE_DEVICES='') if args.device == 'cpu' else {}))
        with open(log, 'w') as output:
            process = subprocess.Popen(
                command + ['--small'] * args.small,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        result = {}
        try:
            if process.wait(seconds):
                result['error'] = f'exit code {process.returncode}: {log.read_text(errors="replace")[-1000:]}'
        except subprocess.TimeoutExpired:
            result['error'] = f'still at work after {seconds:.0f} s'
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also what it has started
            process.wait()
        lines = rows.read_text(encoding='utf-8').splitlines() if rows.exists() else []
        result['rows'] = {name: row for line in lines for name, row in json.loads(line).items()}
    return dict(result, seconds=time.monotonic() - start)


def faults(parts: dict[str, dict]) -> list[str]:
    """What failed or disagreed."""
    found = [f'{name}: {part["error"]}' for name, part in parts.items() if 'error' in part]
    for name, part in parts.items():
        for row, content in part['rows'].items():
            if 'error' in content:
                found.append(f'{name}, {row}: {content["error"]}')
            elif content.get('agrees') is False:
                found.append(f'{name}, {row}: does not agree')
    return found


def machine(device: str) -> dict:
    """What the figures were measured on."""
    gpu = torch.cuda.get_device_properties(0) if device == 'cuda' else None
    return dict(
        device=gpu.name if gpu else f'CPU, {torch.backends.cpu.get_cpu_capability()}',
        devices=torch.cuda.device_count() if gpu else 0,
        memory_bytes=gpu.total_memory if gpu else None,
        threads=torch.get_num_threads(),
        pytorch=torch.__version__,
        cuda=torch.version.cuda if gpu else None,
        cudnn=torch.backends.cudnn.version() if gpu else None,
        python=platform.python_version(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=user_path, metavar='FILE.json', help='a new file')
    parser.add_argument('--device', choices=('cuda', 'cpu'), default='cuda', help='default: cuda')
    parser.add_argument('--small', action='store_true', help='narrow models and few images, to try the script')
    parser.add_argument('--parts', nargs='+', choices=PARTS, default=list(PARTS), metavar='PART', help='default: all')
    parser.add_argument('--minutes', type=float, default=8, help='of all parts together; default: 8')
    parser.add_argument('--rows', type=user_path, help=argparse.SUPPRESS)  # of the process of a part
    args = parser.parse_args()
    if args.rows:
        measure(args.parts[0], args.device, args.small, Path(args.rows))
        return
    if args.out is None:
        parser.error('--out FILE.json is wanted')
    if Path(args.out).exists():
        raise ValueError(f'{args.out} is there already: give another --out')
    if args.device == 'cuda' and not torch.cuda.is_available():
        raise ValueError('PyTorch finds no GPU here: --device cpu --small tries the script without one')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that the running part is ended
    content = dict(machine=machine(args.device), small=args.small, parts={})
    end = time.monotonic() + 60 * args.minutes
    for part in args.parts:
        content['parts'][part] = run_part(part, args, end - time.monotonic())
        write_json(args.out, content)
        print(f'{part}: {content["parts"][part].get("seconds", 0):.0f} s', flush=True)
    found = faults(content['parts'])
    print(f'{args.out}: ' + ('; '.join(found) or 'all parts are complete and agree'))
    sys.exit(bool(found))


if __name__ == '__main__':
    with clear_errors():
        main()
