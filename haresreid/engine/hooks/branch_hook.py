"""Detects that HAResformer's transformer branch gives every image the same output, which no loss shows."""

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn
from torch.nn.utils import get_total_norm

from haresreid.analysis import BranchProbe, StageBranches, gradient_norms, has_branches
from haresreid.engine.bare_model import bare_model
from haresreid.registry import HOOKS

from ..optim_wrappers.turn_constructor import wrappers_by_turn

__all__ = ['BranchHook']

REMEDY = (
    'Clip the gradients (optim_wrapper.clip_grad), give the transformers a lower learning rate '
    '(optim_wrapper.paramwise_cfg.custom_keys), or warm up longer; docs/en/notes/synvi_experiments.md tells more'
)
OUTPUTS = {'class token': 'cls_spread', 'patch map': 'patch_spread', 'fused map': 'fused_spread'}
STREAM = {'tokens': 'tokens', 'attention': 'attention', 'MLP': 'mlp'}
GRADIENT = {'RE': 're_gradient', 'TE': 'te_gradient'}
ATTENTION = ('patch_entropy', 'cls_entropy', 'cls_self_weight')


@HOOKS.register_module()
class BranchHook(Hook):
    """Measures, in every stage, how much the batch's images differ, at the first and every ``interval`` iterations.

    The log gets the spreads of class token, patch map and fused map, the size of the residual stream (see
    :class:`StageBranches`), and the gradient norms of each RE and each TE as shares of the whole gradient's. The
    visualizer's scalars get the same values and the attention, as ``branches/...``. A warning names each output that is
    the same for all images, once in a run. A model without transformer encoders is left alone.

    Each measurement costs one forward pass in evaluation mode, in float32, and changes neither the model nor a random
    generator. In distributed runs only the first process measures, on its own images.

    Args:
        interval (int): Iterations between two measurements. Defaults to 200.
        min_spread (float): Spread divided by size below which an output counts as the same for all images. An untrained
            model is at 0.6 or more. Defaults to 0.02.
    """

    def __init__(self, interval: int = 200, min_spread: float = 0.02) -> None:
        self.interval = interval
        self.min_spread = min_spread
        self.shares: dict[str, list[float]] = {}  # shares of the gradient by branch, stage by stage
        self.named: set[tuple[str, int]] = set()  # outputs and stages already named in a warning

    def before_train(self, runner: Runner) -> None:
        """Measure gradients just before an optimizer uses them, because after the iteration they are gone."""
        for wrapper in wrappers_by_turn(runner.optim_wrapper).values():
            wrapper.optimizer.register_step_pre_hook(lambda *_: self._keep_shares(runner))

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Measure the branches, log the result, and warn about outputs that are the same for all images."""
        if self._is_due(runner):
            stages = look(bare_model(runner), data_batch)
            self._log(runner, stages)
            self._warn(runner, stages)

    def _is_due(self, runner: Runner) -> bool:
        due = runner.iter == 0 or self.every_n_train_iters(runner, self.interval)
        return due and is_main_process() and has_branches(getattr(bare_model(runner), 'backbone', None))

    def _keep_shares(self, runner: Runner) -> None:
        if not self._is_due(runner):
            return
        model = bare_model(runner)
        whole = get_total_norm([p.grad for p in model.parameters() if p.grad is not None]).item()
        norms = gradient_norms(model.backbone)
        self.shares = {
            f'{branch}_gradient': [getattr(stage, branch) / whole if whole else 0.0 for stage in norms]
            for branch in ('re', 'te')
        }

    def _log(self, runner: Runner, stages: list[StageBranches]) -> None:
        figures = {field: [getattr(stage, field) for stage in stages] for field in (*OUTPUTS.values(), *ATTENTION)}
        figures |= {field: [getattr(stage, field).rms for stage in stages] for field in STREAM.values()}
        figures |= self.shares
        runner.visualizer.add_scalars(
            {
                f'branches/{field}_{number}': value
                for field, values in figures.items()
                for number, value in enumerate(values, start=1)
            },
            step=runner.iter + 1,
        )
        table = '; '.join(
            f'{name} {" ".join(f"{value:.3g}" for value in figures[field])}'
            for name, field in (OUTPUTS | STREAM | GRADIENT).items()
            if field in figures
        )
        runner.logger.info(
            f'Branches, stages 1 to {len(stages)}, spread / size, rms of the stream, share of the gradient: {table}'
        )
        self.shares = {}  # an iteration that only accumulates gradients has none

    def _warn(self, runner: Runner, stages: list[StageBranches]) -> None:
        spreads = {
            (name, number): getattr(stage, field)
            for name, field in OUTPUTS.items()
            for number, stage in enumerate(stages, start=1)
        }
        dead = [output for output, spread in spreads.items() if spread < self.min_spread and output not in self.named]
        if dead:
            what = '; '.join(
                f'the {name} of stage {number} is the same for all images (spread '
                f'{spreads[name, number]:.2g} of its size)'
                for name, number in dead
            )
            remedy = '' if self.named else f' {REMEDY}'
            runner.logger.warning(f'at iteration {runner.iter + 1}, {what}.{remedy}')
            self.named.update(dead)


@torch.no_grad()
def look(model: nn.Module, data_batch: dict) -> list[StageBranches]:
    """Measure the branches on a batch in evaluation mode.

    Args:
        model (nn.Module): A :class:`VIReID` with HAResformer's backbone, in training mode.
        data_batch (dict): A batch of the data loader.
    """
    model.eval()
    data = model.data_preprocessor(data_batch, False)
    # the probe cannot hook compiled code
    with torch.compiler.set_stance('force_eager'), BranchProbe(model.backbone) as probe:
        model(**data)
    model.train()
    return probe.stages()
