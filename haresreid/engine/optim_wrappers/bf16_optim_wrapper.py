"""Mixed precision where MMEngine's AmpOptimWrapper refuses to run: on the CPU."""

import logging
import platform
from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import nn

from haresreid.registry import OPTIM_WRAPPERS

__all__ = ['BF16OptimWrapper']


@OPTIM_WRAPPERS.register_module()
class BF16OptimWrapper(OptimWrapper):
    """Forward in bfloat16 under autocast; weights, gradients and losses stay in float32.

    bfloat16 has float32's range, so no gradient scaler is needed. Arguments are those of
    :class:`mmengine.optim.OptimWrapper`. On a CPU that cannot compute in bfloat16 it warns.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if get_device() == 'cpu' and not _computes_in_bf16():
            print_log(
                'bfloat16 will make this training slower, not faster: this CPU has neither AVX-512 BF16 nor AMX, so '
                'PyTorch emulates the products, a linear layer up to a hundred times slower than in float32. Leave '
                '--amp out.',
                logger='current',
                level=logging.WARNING,
            )

    @contextmanager
    def optim_context(self, model: nn.Module):
        """Autocast around the forward pass, inside MMEngine's gradient-accumulation context."""
        with super().optim_context(model), torch.autocast(get_device(), dtype=torch.bfloat16):
            yield


def _computes_in_bf16() -> bool:
    """Whether the CPU has instructions for bfloat16 products; True without a check on architectures other than x86."""
    return (
        platform.machine().lower() not in ('x86_64', 'amd64')
        or torch.cpu._is_avx512_bf16_supported()
        or torch.cpu._is_amx_tile_supported()
    )
