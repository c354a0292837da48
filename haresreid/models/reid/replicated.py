"""A copy of the model in every process, for a model that joins the processes' gradients by itself."""

from mmengine.dist import all_reduce_params
from mmengine.registry import MODEL_WRAPPERS
from torch import Tensor, nn

__all__ = ['ReplicatedModel']


@MODEL_WRAPPERS.register_module()
class ReplicatedModel(nn.Module):
    """Takes the place of DistributedDataParallel around :class:`AdversarialVIReID`.

    DistributedDataParallel averages gradients during a backward pass, and expects every parameter to have one gradient
    in each. With several passes and updates a step that holds for none of them. The running statistics of instance
    norms, which have no synchronised form, are averaged after each step.

    Args:
        module (nn.Module): The model, with equal weights in all processes.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        norms = [part for part in module.modules() if isinstance(part, nn.modules.instancenorm._InstanceNorm)]
        self.norms = [norm for norm in norms if norm.track_running_stats]

    def train_step(self, data: dict, optim_wrapper) -> dict[str, Tensor]:
        """The model's own training step."""
        log = self.module.train_step(data, optim_wrapper)
        all_reduce_params([value for norm in self.norms for value in (norm.running_mean, norm.running_var)], op='mean')
        return log

    def val_step(self, data: dict) -> list:
        """The model's predictions for validation."""
        return self.module.val_step(data)

    def test_step(self, data: dict) -> list:
        """The model's predictions for a test."""
        return self.module.test_step(data)
