"""Images per second of one process and of several on this machine's CPU, one thread each.

    python benchmarks/distributed.py configs/haresformer_synth.py --processes 2

Three trainings in turn: one process with the config's batch while the others wait, all with that batch each, and all
sharing it. Images are random numbers and weights start from scratch, so it is the step that is measured (forward,
backward, exchange of gradients, optimiser), and no loading of data. `--cfg-options sync_bn=torch` and the like change
the config.
"""

import argparse
import os
import socket
import statistics
import time

import torch
from mmengine.config import Config
from mmengine.dist import barrier
from mmengine.model import MMDistributedDataParallel, convert_sync_batchnorm
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope

from haresreid.cli.arguments import add_cfg_options, user_path
from haresreid.compat.mmengine_shims import init_cpu_distributed
from haresreid.config.config import image_size, load_config, read_overrides
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDDataSample


def make_batch(people: range, num_instances: int, size: tuple[int, int]) -> dict:
    """K visible and K infrared images of each person."""
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=person, modality=modality))
        for modality in Modality
        for person in people
        for _ in range(num_instances)
    ]
    return dict(inputs=list(torch.randn(len(samples), 3, *size)), data_samples=samples)


class Training:
    """A model of the config and a batch of ``num_ids`` people for it."""

    def __init__(self, cfg: Config, people: range, shared: bool) -> None:
        torch.manual_seed(0)
        model = MODELS.build(cfg.model).train()  # without init_weights: from scratch
        if shared:
            if cfg.get('sync_bn'):
                model = convert_sync_batchnorm(model, cfg.sync_bn)
            model = MMDistributedDataParallel(model, broadcast_buffers=False)
        self.model = model
        self.optim_wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=1e-3))
        self.batch = make_batch(people, cfg.train_dataloader.sampler.num_instances, image_size(cfg))

    def step(self) -> None:
        self.model.train_step(self.batch, self.optim_wrapper)


def run_rank(rank: int, port: int, args: argparse.Namespace) -> None:
    """One of the processes; the first prints the speeds."""
    torch.set_num_threads(1)
    cfg = load_config(args.config, read_overrides(args.cfg_options))
    init_default_scope('haresreid')
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(args.processes), MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port))
    init_cpu_distributed(cfg)
    num_ids = cfg.train_dataloader.sampler.num_ids
    part = num_ids // args.processes
    alone = Training(cfg, range(num_ids), shared=False) if rank == 0 else None
    each = Training(cfg, range(rank * num_ids, (rank + 1) * num_ids), shared=True)
    split = Training(cfg, range(rank * part, (rank + 1) * part), shared=True)
    cases = [(1, alone), (args.processes, each), (args.processes, split)]
    speeds = [[] for _ in cases]
    for _ in range(args.repeats + 1):
        for (processes, training), found in zip(cases, speeds):
            barrier()
            start = time.perf_counter()
            for _ in range(args.steps if training else 0):
                training.step()
            barrier()
            if rank == 0:
                found.append(processes * args.steps * len(training.batch['inputs']) / (time.perf_counter() - start))
    if rank == 0:
        alone_best = max(speeds[0][1:])
        for (processes, training), found in zip(cases, speeds):
            found = found[1:]  # the first was to warm up
            images = len(training.batch['inputs'])
            print(
                f'{processes} x {images} images a step: median {statistics.median(found):.1f}, best {max(found):.1f} '
                f'images/s, the best {max(found) / alone_best:.2f} times that of one process'
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=user_path)
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--steps', type=int, default=2, help='of which the time is taken')
    parser.add_argument('--repeats', type=int, default=12, help='times taken; other work on the machine shows')
    add_cfg_options(parser)
    args = parser.parse_args()
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(run_rank, (port, args), nprocs=args.processes)


if __name__ == '__main__':
    main()
