"""One training step of a config at full size on this machine: time, peak memory, losses.

    python benchmarks/training_step.py configs/haresformer_sysu.py --dtype fp32
    python benchmarks/training_step.py configs/haresformer_sysu.py --dtype bf16
    python benchmarks/training_step.py configs/haresformer_sysu.py --chunks 4

Images are random numbers and weights start from scratch, so nothing is downloaded or read.
"""

import argparse
import resource
import time
from types import SimpleNamespace

import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from haresreid.engine import BF16OptimWrapper, ChunkedBatchHook
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDDataSample
from haresreid.utils.config import image_size, load_config


def make_batch(num_ids: int, num_instances: int, size: tuple[int, int]) -> dict:
    """P x K visible images and P x K infrared ones."""
    half = num_ids * num_instances
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=index % half // num_instances, modality=Modality(index // half)))
        for index in range(2 * half)
    ]
    return dict(inputs=list(torch.randn(2 * half, 3, *size)), data_samples=samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config')
    parser.add_argument('--dtype', choices=['fp32', 'bf16'], default='fp32')
    parser.add_argument('--chunks', type=int, default=1, help='cut the batch up for the backbone, see ChunkedBatchHook')
    args = parser.parse_args()

    cfg = load_config(args.config)
    init_default_scope('haresreid')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)  # without init_weights: from scratch
    model.train()
    if args.dtype == 'bf16':
        cfg.optim_wrapper.type = BF16OptimWrapper
    if args.chunks > 1:
        ChunkedBatchHook(args.chunks).before_train(SimpleNamespace(model=model))
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    sampler = cfg.train_dataloader.sampler
    batch = make_batch(sampler.num_ids, sampler.num_instances, image_size(cfg))

    start = time.perf_counter()
    losses = model.train_step(batch, wrapper)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # Linux counts in KiB
    images = len(batch['inputs'])
    cut = f', {args.chunks} chunks' if args.chunks > 1 else ''
    print(f'{args.config}, {args.dtype}{cut}: one step of {images} images took {seconds:.1f} s, '
          f'peak memory {peak:.2f} GiB')
    print('  '.join(f'{name} {value.item():.4f}' for name, value in losses.items()))


if __name__ == '__main__':
    main()
