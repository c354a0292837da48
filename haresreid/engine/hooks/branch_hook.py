"""Notices that HAResformer's transformer branch gives every image the same, which no loss tells."""

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from haresreid.analysis import BranchProbe, StageBranches, has_branches
from haresreid.registry import HOOKS

__all__ = ['BranchHook']

REMEDY = ('Clip the gradients (optim_wrapper.clip_grad), give the transformers a lower learning rate '
          '(optim_wrapper.paramwise_cfg.custom_keys), or warm up longer; docs/en/notes/synvi_experiments.md tells more')
OUTPUTS = {'class token': 'cls_spread', 'patch map': 'patch_spread', 'fused map': 'fused_spread'}
STREAM = {'tokens': 'tokens', 'attention': 'attention', 'MLP': 'mlp'}
ATTENTION = ('patch_entropy', 'cls_entropy', 'cls_self_weight')


@HOOKS.register_module()
class BranchHook(Hook):
    """Every ``interval`` iterations, and at the first, measures the spread between the batch's images in every stage.

    The spreads of class token, patch map and fused map and the size of the residual stream (see :class:`StageBranches`)
    go into the log; these and the attention, as ``branches/...``, into the visualizer's scalars. A warning names each
    output that is the same for all images, once in a run. A model without transformer encoders is left alone.

    It costs one forward pass in evaluation mode, in float32, and changes neither the model nor a random generator. In
    distributed runs the first process looks, at its own images.

    Args:
        interval (int): Iterations between two looks. Defaults to 200.
        min_spread (float): Spread over size below which an output counts as the same for all images. An untrained
            model is at 0.6 or more. Defaults to 0.02.
    """

    def __init__(self, interval: int = 200, min_spread: float = 0.02) -> None:
        self.interval = interval
        self.min_spread = min_spread
        self.named: set[tuple[str, int]] = set()  # in a warning: output and stage

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Look, log and warn."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        due = runner.iter == 0 or self.every_n_train_iters(runner, self.interval)
        if due and is_main_process() and has_branches(getattr(model, 'backbone', None)):
            stages = look(model, data_batch)
            self._log(runner, stages)
            self._warn(runner, stages)

    @staticmethod
    def _log(runner: Runner, stages: list[StageBranches]) -> None:
        figures = {field: [getattr(stage, field) for stage in stages] for field in (*OUTPUTS.values(), *ATTENTION)}
        figures |= {field: [getattr(stage, field).rms for stage in stages] for field in STREAM.values()}
        runner.visualizer.add_scalars(
            {f'branches/{field}_{number}': value for field, values in figures.items()
             for number, value in enumerate(values, start=1)}, step=runner.iter + 1)  # yapf: disable
        table = '; '.join(f'{name} {" ".join(f"{value:.3g}" for value in figures[field])}'
                          for name, field in (OUTPUTS | STREAM).items())
        runner.logger.info(f'Branches, stages 1 to {len(stages)}, spread / size and rms of the stream: {table}')

    def _warn(self, runner: Runner, stages: list[StageBranches]) -> None:
        spreads = {(name, number): getattr(stage, field) for name, field in OUTPUTS.items()
                   for number, stage in enumerate(stages, start=1)}  # yapf: disable
        dead = [output for output, spread in spreads.items() if spread < self.min_spread and output not in self.named]
        if dead:
            what = '; '.join(f'the {name} of stage {number} is the same for all images (spread '
                             f'{spreads[name, number]:.2g} of its size)' for name, number in dead)  # yapf: disable
            remedy = '' if self.named else f' {REMEDY}'
            runner.logger.warning(f'at iteration {runner.iter + 1}, {what}.{remedy}')
            self.named.update(dead)


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
