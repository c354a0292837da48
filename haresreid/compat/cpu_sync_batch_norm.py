"""Batch norm with the statistics of all ranks, on a CPU."""

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

__all__ = ['CPUSyncBatchNorm']


class CPUSyncBatchNorm(nn.modules.batchnorm._BatchNorm):
    """:class:`torch.nn.SyncBatchNorm` for CPUs, over gloo: R ranks train like one process with all their images.

    DDP refuses torch's class on the CPU, subclasses included. This implementation aims for exactness, not speed.
    """

    def _check_input_dim(self, inputs: Tensor) -> None:
        """Accept any number of dimensions."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, ...) -> the same shape; N may differ between the ranks."""
        if not self.training:
            return super().forward(inputs)
        x = inputs.to(torch.promote_types(inputs.dtype, torch.float32))  # bfloat16 under autocast
        dims = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)  # broadcasts one number per channel
        images = x.new_full((1,), x.numel() / x.size(1))
        sums = _SumOverRanks.apply(torch.cat((x.sum(dims), images)))  # (C + 1,)
        mean, count = sums[:-1] / sums[-1], sums[-1].detach()
        centred = x - mean.view(shape)
        var = _SumOverRanks.apply(centred.square().sum(dims)) / count  # (C,)
        if self.track_running_stats:
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(var.detach() * count / (count - 1), self.momentum)
        scale = self.weight * (var + self.eps).rsqrt()
        return (centred * scale.view(shape) + self.bias.view(shape)).to(inputs.dtype)


class _SumOverRanks(torch.autograd.Function):
    @staticmethod
    def forward(ctx, values: Tensor) -> Tensor:
        values = values.clone()
        all_reduce(values)
        return values

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        grad = grad.clone()
        all_reduce(grad)
        return grad
