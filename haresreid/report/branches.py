"""HAResformer's branches in a report: whether its transformers tell images apart, in training and at the end."""

from collections.abc import Iterator

from haresreid.analysis import BranchProbe, branch_report
from haresreid.registry import MODELS
from haresreid.visualization import draw_branch_curves, draw_branches, read_branch_curves

from .blocks import Block, Picture, Table, picture_of_figure
from .run import Run

__all__ = ['branch_curves', 'branch_figures']


def branch_curves(run: Run) -> Iterator[Picture]:
    """Spreads over all starts of the training."""
    _require_branches(run)
    curves = read_branch_curves(run.scalars)
    if not curves:
        raise ValueError(f'{run.scalars[-1]} holds no branches/..., which BranchHook logs.')
    yield picture_of_figure(
        draw_branch_curves(curves),
        alt='Spread between images of class token, patch map and fused map over the training, a line for each stage.',
        caption='Standard deviation between the images of a training batch over the size: 0 is the same output for '
        'every image. Above the dashed line, an output tells images apart.',
    )


def branch_figures(run: Run) -> Iterator[Block]:
    """Branches of the checkpoint, on all test images."""
    _require_branches(run)
    _ = run.features  # refuses test images other than those of metrics.json
    report = branch_report(*run.trained, str(run.checkpoint))
    yield picture_of_figure(
        draw_branches(report),
        alt='Bars by stage: spread between images, residual stream, attention and gradients; and Rank-1 and mAP with '
        'the outputs of the transformers held at their means.',
        caption='All test images; the gradients are those of one training batch. The last panel holds outputs of the '
        'transformers at their means: what retrieval then loses is what it owes to them.',
    )
    for head, *rows in report.grids():
        yield Table(head, rows, numeric=True)


def _require_branches(run: Run) -> None:
    BranchProbe(MODELS.build(run.cfg.model).backbone)
