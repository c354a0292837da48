"""An optimiser with few parameter groups."""

from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from haresreid.registry import OPTIM_WRAPPER_CONSTRUCTORS

__all__ = ['GroupedOptimWrapperConstructor']


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class GroupedOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's constructor, with one group for all parameters that have the same options.

    With a ``paramwise_cfg``, MMEngine makes every parameter a group of its own. The optimiser then updates tensor by
    tensor, fused or not, and every scheduler loops over all groups in every iteration. Merging the groups does not
    change the updates. Arguments are those of :class:`mmengine.optim.DefaultOptimWrapperConstructor`.
    """

    def add_params(self, params: list[dict], module: nn.Module, prefix: str = '', **kwargs) -> None:
        """Add a module's parameters; at the root, after all modules, merge the groups in place."""
        super().add_params(params, module, prefix, **kwargs)
        if prefix == '':
            merged: dict[tuple, dict] = {}
            for group in params:
                options = {key: value for key, value in group.items() if key != 'params'}
                merged.setdefault(tuple(sorted(options.items())), dict(options, params=[]))['params'] += group['params']
            params[:] = merged.values()
