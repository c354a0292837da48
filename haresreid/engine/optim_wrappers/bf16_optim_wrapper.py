"""Mixed precision where MMEngine's AmpOptimWrapper refuses to run: on the CPU."""

from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn

from haresreid.registry import OPTIM_WRAPPERS

__all__ = ['BF16OptimWrapper']


@OPTIM_WRAPPERS.register_module()
class BF16OptimWrapper(OptimWrapper):
    """Forward in bfloat16 under autocast; weights, gradients and losses stay in float32.

    bfloat16 has float32's range, so no gradient scaler is needed. Arguments are those of
    :class:`mmengine.optim.OptimWrapper`.
    """

    @contextmanager
    def optim_context(self, model: nn.Module):
        """Autocast around the forward pass, inside MMEngine's gradient-accumulation context."""
        with super().optim_context(model), torch.autocast(get_device(), dtype=torch.bfloat16):
            yield
