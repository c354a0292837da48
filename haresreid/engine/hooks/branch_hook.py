"""Notices that HAResformer's transformer branch gives every image the same, which no loss tells."""

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from haresreid.analysis import BranchProbe, StageBranches
from haresreid.registry import HOOKS

__all__ = ['BranchHook']

REMEDY = ('Clip the gradients (optim_wrapper.clip_grad), give the transformers a lower learning rate '
          '(optim_wrapper.paramwise_cfg.custom_keys), or warm up longer; docs/en/notes/synvi_experiments.md tells more')
OUTPUTS = {'class token': 'cls_spread', 'patch map': 'patch_spread', 'fused map': 'fused_spread'}
STREAM = {'tokens': 'tokens', 'attention': 'attention', 'MLP': 'mlp'}


@HOOKS.register_module()
class BranchHook(Hook):
    """Every ``interval`` iterations, measures the spread between the images of the batch in every stage's outputs.

    The spreads of class token, patch map and fused map and the size of the residual stream (see :class:`StageBranches`)
    go into the log and, as ``branches/...``, into the visualizer's scalars. A warning names each output that is the same
    for all images. A model without transformer encoders is left alone.

    It costs one forward pass in evaluation mode and changes neither the model nor a random generator. In distributed
    runs the first process looks, at its own images.

    Args:
        interval (int): Iterations between two looks. Defaults to 500.
        min_spread (float): Spread over size below which an output counts as the same for all images. An untrained
            model is at 0.6 or more. Defaults to 0.02.
    """

    def __init__(self, interval: int = 500, min_spread: float = 0.02) -> None:
        self.interval = interval
        self.min_spread = min_spread

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Look, log and warn."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if not (self.every_n_train_iters(runner, self.interval) and is_main_process()
                and hasattr(model.backbone, 'transformers')):
            return
        stages = look(model, data_batch)
        names = OUTPUTS | STREAM
        runner.visualizer.add_scalars(
            {f'branches/{field}_{number}': getattr(stage, field) for field in names.values()
             for number, stage in enumerate(stages, start=1)}, step=runner.iter + 1)  # yapf: disable
        table = '; '.join(f'{name} {" ".join(f"{getattr(stage, field):.3g}" for stage in stages)}'
                          for name, field in names.items())
        runner.logger.info(f'Branches, stages 1 to {len(stages)}, spread / size and rms of the stream: {table}')
        dead = [f'the {name} of stage {number} is the same for all images '
                f'(spread {getattr(stage, field):.2g} of its size)'
                for name, field in OUTPUTS.items() for number, stage in enumerate(stages, start=1)
                if getattr(stage, field) < self.min_spread]  # yapf: disable
        if dead:
            runner.logger.warning(f'at iteration {runner.iter + 1}, {"; ".join(dead)}. {REMEDY}')


@torch.no_grad()
def look(model: nn.Module, data_batch: dict) -> list[StageBranches]:
    """The branches on a batch, as the evaluation would see them.

    Args:
        model (nn.Module): A :class:`VIReID` with HAResformer's backbone, in training mode.
        data_batch (dict): What the data loader gives.
    """
    model.eval()
    data = model.data_preprocessor(data_batch, False)
    # compiled code has no place for the probe
    with torch.compiler.set_stance('force_eager'), BranchProbe(model.backbone) as probe:
        model.extract_feat(data['inputs'], data['data_samples'])
    model.train()
    return probe.stages()
