"""An optimizer for each turn of an adversarial training."""

from mmengine.optim import OptimWrapper, OptimWrapperDict, build_optim_wrapper
from torch import nn

from haresreid.registry import OPTIM_WRAPPER_CONSTRUCTORS

from .grouped_constructor import GroupedOptimWrapperConstructor

__all__ = ['TurnOptimWrapperConstructor', 'wrappers_by_turn']


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class TurnOptimWrapperConstructor:
    """Builds an optimizer wrapper for each turn of an :class:`AdversarialVIReID`, of the parts that the turn updates.

    Args:
        optim_wrapper_cfg (dict): By turn, the config of a wrapper with its optimizer, and maybe a ``paramwise_cfg``
            whose names are those of the whole model.
        paramwise_cfg (None): MMEngine's second argument, which has a place in each wrapper's config instead.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: None = None) -> None:
        self.turns = optim_wrapper_cfg

    def __call__(self, model: nn.Module) -> OptimWrapperDict:
        """The wrappers of a model.

        Raises:
            ValueError: If the config has other turns than the model.
        """
        model = getattr(model, 'module', model)
        turns = getattr(model, 'turns', ())
        if set(self.turns) != set(turns):
            raise ValueError(
                f'optim_wrapper must have an entry for each turn of {type(model).__name__}, '
                f'{", ".join(turns) or "which has none"}; it has {", ".join(self.turns)}'
            )
        wrappers = {
            turn: build_optim_wrapper(model.parts_of(turn), dict(cfg, constructor=GroupedOptimWrapperConstructor))
            for turn, cfg in self.turns.items()
        }
        return OptimWrapperDict(**wrappers)


def wrappers_by_turn(optim_wrapper: OptimWrapper) -> dict[str, OptimWrapper]:
    """The wrappers of a training; a single one stands under an empty name."""
    return dict(optim_wrapper.items()) if isinstance(optim_wrapper, OptimWrapperDict) else {'': optim_wrapper}
