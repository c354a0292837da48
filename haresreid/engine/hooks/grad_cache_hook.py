"""Training batches that exceed the memory, with losses that still see the whole batch."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils._pytree import tree_map
from torch.utils.checkpoint import checkpoint

from haresreid.engine.bare_model import bare_model
from haresreid.registry import HOOKS
from haresreid.structures import ReIDBatch

__all__ = ['GradCacheHook']


@HOOKS.register_module()
class GradCacheHook(Hook):
    """Runs backbone and neck on a training batch chunk by chunk; the head and its losses see the whole batch.

    MMEngine's ``accumulative_counts`` gives each loss only a part of the batch, in which a triplet finds fewer
    negatives and a centre is the mean of fewer images. This hook works as GradCache does (Gao et al., RepL4NLP 2021).
    It first computes the features of all chunks and keeps nothing else, then takes the losses on all features; the
    backward pass recomputes one chunk after the other. It needs the memory of one chunk, and the time of a second
    forward pass.

    The gradients are those of the whole batch, except that the backbone's batch norms see the statistics of one chunk
    at a time. Chunk i of n holds the images i, i + n, ..., hence both modalities. Running statistics are updated once
    per chunk.

    Args:
        chunks (int): Number of chunks that a batch is cut into.

    Raises:
        ValueError: If ``chunks`` is below one, or in a training step so large that a chunk has only one modality.
    """

    def __init__(self, chunks: int) -> None:
        if chunks < 1:
            raise ValueError(f'GradCacheHook.chunks must be 1 or more, not {chunks}')
        self.chunks = chunks

    def before_train(self, runner: Runner) -> None:
        """Make the model extract its training features chunk by chunk."""
        model = bare_model(runner)
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
            place = whole.items.cpu().argsort(stable=True)  # back to the order of the batch
            return tree_map(lambda rows: rows[place.to(rows.device)], feats), whole.take(place)

        model.extract_feat = extract_chunks

    def after_train(self, runner: Runner) -> None:
        """Restore the model's own feature extraction."""
        del bare_model(runner).extract_feat


@contextmanager
def _frozen_running_statistics(model: nn.Module) -> Iterator[None]:
    """Let batch norms work as in training, but without updating their running statistics."""
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
