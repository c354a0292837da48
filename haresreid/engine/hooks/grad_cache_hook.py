"""A batch larger than the memory, without making it smaller for the losses."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils._pytree import tree_map
from torch.utils.checkpoint import checkpoint

from haresreid.registry import HOOKS
from haresreid.structures import ReIDBatch

__all__ = ['GradCacheHook']


@HOOKS.register_module()
class GradCacheHook(Hook):
    """Runs backbone and neck on a training batch chunk by chunk; the head and its losses see the whole batch.

    MMEngine's ``accumulative_counts`` gives each loss a part of the batch, in which a triplet finds fewer negatives and
    a centre is the mean of fewer images. Here, as in GradCache (Gao et al., RepL4NLP 2021), the features of all chunks
    are computed first, keeping nothing but them; the losses are taken on all; and the backward pass computes one chunk
    after the other anew. Memory is that of one chunk, time that of a second forward pass.

    The gradients are those of the whole batch but for the backbone's batch norms: each sees the statistics of one
    chunk. Chunk i of n holds the images i, i + n, ..., hence both modalities. Running statistics take in each chunk
    once.

    Args:
        chunks (int): Into how many to cut a batch.

    Raises:
        ValueError: Fewer than one chunk; in a training step, so many that one of them is of one modality.
    """

    def __init__(self, chunks: int) -> None:
        if chunks < 1:
            raise ValueError(f'GradCacheHook.chunks must be 1 or more, not {chunks}')
        self.chunks = chunks

    def before_train(self, runner: Runner) -> None:
        """Have the model extract its training features by chunks."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        extract_feat = model.extract_feat

        def extract_chunks(inputs: Tensor, batch: ReIDBatch) -> tuple[Any, ReIDBatch]:
            if not torch.is_grad_enabled():
                return extract_feat(inputs, batch)
            chunks = [torch.arange(start, len(inputs), self.chunks) for start in range(self.chunks)]
            batches = [batch.take(chunk) for chunk in chunks]
            if any(set(part.modalities.tolist()) != set(batch.modalities.tolist()) for part in batches):
                raise ValueError(
                    f'GradCacheHook cuts a batch of {len(inputs)} images into {self.chunks} chunks, of which '
                    'some are of one modality, whose statistics the batch norms would see alone: give '
                    'fewer chunks'
                )
            parts = [
                checkpoint(
                    extract_feat,
                    inputs[chunk],
                    part,
                    use_reentrant=False,
                    context_fn=lambda: (nullcontext(), _frozen_running_statistics(model)),
                )
                for chunk, part in zip(chunks, batches)
            ]
            feats, whole = tree_map(lambda *rows: torch.cat(rows), *parts)
            place = whole.items.cpu().argsort(stable=True)  # in the order of the batch
            return tree_map(lambda rows: rows[place.to(rows.device)], feats), whole.take(place)

        model.extract_feat = extract_chunks

    def after_train(self, runner: Runner) -> None:
        """Leave the model as it was."""
        del (runner.model.module if is_model_wrapper(runner.model) else runner.model).extract_feat


@contextmanager
def _frozen_running_statistics(model: nn.Module) -> Iterator[None]:
    """Batch norms as in training, but for their running statistics, which stay."""
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, (momentum, count) in zip(norms, before):
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(count)
