"""A report on whether both branches of a trained HAResformer distinguish images, and how much retrieval needs them."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple

from mmengine.config import Config

from haresreid.apis import extract_feature_set
from haresreid.evaluation import evaluate
from haresreid.evaluation.results import describe_checkpoint, format_grid
from haresreid.models import VIReID
from haresreid.registry import PROTOCOLS

from .branch_gradients import BranchGradients, branch_gradients
from .branch_probe import BranchProbe, StageBranches, held_at
from .gradients import first_batch, has_training_loss

__all__ = ['BranchReport', 'Retrieval', 'branch_report']

# The outputs held at their means in each row: arguments of held_at.
VARIANTS = {
    'as trained': {},
    'class tokens held': dict(cls_tokens=True),
    'patch maps held': dict(patch_maps=True),
    'both held': dict(cls_tokens=True, patch_maps=True),
}


class Retrieval(NamedTuple):
    """Means of the metrics over the trials of a protocol, in percent."""

    rank1: float
    mean_ap: float


@dataclass(frozen=True)
class BranchReport:
    """The branches of one trained model.

    Attributes:
        checkpoint (dict): Description of the weights.
        num_images (int): Number of test images of both modalities.
        stages (list[StageBranches]): Measurements over these images.
        gradients (list[BranchGradients], optional): Gradient norms of one training batch; None if the checkpoint has no
            classifier, because then there is no training loss.
        retrieval (dict[str, dict[str, Retrieval]]): Protocol -> row -> metrics. The rows are the model as trained, and
            with outputs of TE held at their means over the test images.
    """

    checkpoint: dict
    num_images: int
    stages: list[StageBranches]
    gradients: list[BranchGradients] | None
    retrieval: dict[str, dict[str, Retrieval]]

    def to_dict(self) -> dict:
        """The report as a dict that JSON can hold."""
        return dict(
            asdict(self),
            gradients=self.gradients and [stage._asdict() for stage in self.gradients],
            retrieval={
                protocol: {row: figures._asdict() for row, figures in rows.items()}
                for protocol, rows in self.retrieval.items()
            },
        )

    def __str__(self) -> str:
        return '\n\n'.join(format_grid(grid) for grid in self.grids())

    def grids(self) -> Iterator[list[list[str]]]:
        """Tables as cells: a head line whose first cell says what is shown, and rows that begin with a label."""
        numbers = [str(stage) for stage in range(1, len(self.stages) + 1)]

        def rows(cell: Callable[..., str] = '{:.3g}'.format, /, **fields: str) -> list[list[str]]:
            return [[label, *(cell(getattr(stage, name)) for stage in self.stages)] for name, label in fields.items()]

        yield [
            [f'spread / size, {self.num_images} images; stage', *numbers],
            *rows(
                cls_spread='class token',
                patch_mean_spread='mean of the patch tokens',
                patch_spread='patch map',
                fused_spread='fused map',
            ),
        ]
        branches = dict(attention="attention's branch", mlp="MLP's branch")
        yield [
            ['residual stream of the patches, rms; stage', *numbers],
            *rows(lambda stream: f'{stream.rms:.3g}', tokens='tokens + positions', **branches),
        ]
        yield [
            ['its spread / size (common share); stage', *numbers],
            *rows(
                lambda stream: f'{stream.spread:.3g} ({stream.common:.3g})',
                tokens='tokens + positions',
                normed='behind the LayerNorm',
                **branches,
            ),
        ]
        yield [
            ['attention; stage', *numbers],
            *rows(
                patch_entropy='entropy of the patches / uniform',
                cls_entropy='entropy of the class token / uniform',
                cls_self_weight='class token on itself',
            ),
        ]
        if self.gradients is not None:
            yield [
                ['gradient norm of a training batch; stage', *numbers],
                *(
                    [label, *(f'{getattr(stage, name):.3g}' for stage in self.gradients)]
                    for name, label in dict(re='RE', te='TE').items()
                ),
            ]
        for protocol, figures in self.retrieval.items():
            yield [
                [protocol, 'R1', 'mAP'],
                *([row, f'{figure.rank1:.2f}', f'{figure.mean_ap:.2f}'] for row, figure in figures.items()),
            ]


def branch_report(model: VIReID, cfg: Config, checkpoint: str) -> BranchReport:
    """Measure a trained model's branches on all test images.

    Args:
        model (VIReID): The model, from :func:`haresreid.apis.load_trained`. It is not changed.
        cfg (Config): Its config, from the same function.
        checkpoint (str): Where the weights come from.

    Raises:
        FileNotFoundError: If images are missing.
        ValueError: If the model has no transformer encoders.
    """
    protocols = [PROTOCOLS.build(protocol) for protocol in cfg.test_evaluator.protocols]
    probe = BranchProbe(model.backbone)
    retrieval: dict[str, dict[str, Retrieval]] = {protocol.name: {} for protocol in protocols}
    for row, held in VARIANTS.items():
        if not held:
            with probe:
                features = extract_feature_set(model, cfg, checkpoint)
        else:
            with held_at(model.backbone, probe.means(), **held):
                features = extract_feature_set(model, cfg, checkpoint)
        for protocol in protocols:
            result = evaluate(features, protocol)
            retrieval[protocol.name][row] = Retrieval(100 * result.mean('R1'), 100 * result.mean('mAP'))
    gradients = branch_gradients(model, first_batch(cfg)) if has_training_loss(model, checkpoint) else None
    return BranchReport(describe_checkpoint(checkpoint), len(features), probe.stages(), gradients, retrieval)
