"""The model class of methods that train image generators against discriminators."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce_params
from mmengine.model import ModuleDict
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..generators import in_the_other_modality
from ..layers import each_modality
from .vireid import VIReID

__all__ = ['AdversarialVIReID']


@MODELS.register_module()
class AdversarialVIReID(VIReID):
    """Re-identification with generated images: three turns a training step, each one pass and one update of its parts.

    ``generator`` draws images anew, also in the other modality, and updates the generator. ``discriminator`` judges
    real and exchanged images, and updates the discriminators. ``reid`` has the losses of :class:`VIReID`, compares what
    the network sees in an exchanged image with what it sees in the real one, and updates all other parts. Each turn has
    an optimizer of its name, see :class:`TurnOptimWrapperConstructor`.

    The losses of the generator also train the first stage of the backbone, which gives them the content of images:
    their gradients wait there for the ``reid`` turn of the same step. The backbone sees the generator's images at twice
    their size. In all turns the modalities pass one after the other, so batch norms see one at a time. Outside training
    this is a :class:`VIReID`. A subclass says what else the losses of a turn act on.

    Args:
        generator (dict): See :meth:`StyleExchangeGenerator.exchange`.
        discriminators (dict[str, dict]): One for ``visible`` and one for ``infrared`` images.
        image_criteria (dict[str, dict]): For each turn its losses on generated images, a :class:`Criterion`.
            ``generator`` has what :meth:`StyleExchangeGenerator.exchange` returns and the scores ``exchanged_scale_1``,
            ``exchanged_scale_2`` and so on; ``discriminator`` has those and ``real_scale_1`` and so on; ``reid`` has
            the logits ``exchanged`` and ``real``.
        generator_only (Sequence[str]): Losses of the generator that do not train the backbone. Defaults to none.
        warmup (int): Epochs at the beginning that leave out the turn ``reid``, and the backbone as it is except for the
            statistics of its norms. Defaults to 0.
        **parts: See :class:`VIReID`. The ``data_preprocessor`` is a :class:`RoleDataPreprocessor`.

    Raises:
        ValueError: If the weight of a loss in ``image_criteria`` is a schedule, or ``temporal_pooling`` is given:
            images are generated one by one.
    """

    turns: ClassVar = dict(
        generator=('generator',), discriminator=('discriminators',), reid=('backbone', 'neck', 'head')
    )

    def __init__(
        self,
        generator: dict,
        discriminators: dict[str, dict],
        image_criteria: dict[str, dict],
        generator_only: Sequence[str] = (),
        warmup: int = 0,
        **parts,
    ) -> None:
        super().__init__(generator=generator, **parts)
        if self.temporal_pooling is not None:
            raise ValueError(f'{type(self).__name__} generates single images: it cannot be trained on tracks.')
        self.discriminators = ModuleDict({name: MODELS.build(part) for name, part in discriminators.items()})
        self.image_criteria = nn.ModuleDict({turn: MODELS.build(part) for turn, part in image_criteria.items()})
        for turn, criterion in self.image_criteria.items():
            if criterion.schedules:  # only those of model.criterion are moved
                raise ValueError(f'The weights in image_criteria.{turn} must be numbers, not schedules.')
        self.generator_only = [f'loss_{name}' for name in generator_only]
        self.warmup = warmup
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins; they count from 0."""
        self.epoch = epoch

    def parts_of(self, turn: str) -> nn.ModuleDict:
        """The parts that a turn updates, under their names in this model."""
        return nn.ModuleDict({name: part for name in self.turns[turn] if (part := getattr(self, name)) is not None})

    def training_only(self) -> tuple[str, ...]:
        """See :meth:`VIReID.training_only`."""
        return (*super().training_only(), 'discriminators.', 'image_criteria.')

    def content(self, images: Tensor, batch: ReIDBatch) -> Tensor:
        """The map of the backbone's first stage, (N, C, H / 2, W / 2), from which the generator draws images anew."""
        first, *_ = self.backbone.stages().values()
        return each_modality(first, batch, _enlarged(images))

    def exchange(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """What the generator draws of images (N, 3, H, W), ``reconstructed`` and ``exchanged`` among it."""
        return self.generator.exchange(images, batch, self.content)

    def train_step(self, data: dict, optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """Take all turns that are due once.

        Args:
            data (dict): A batch of the data loader.
            optim_wrapper (OptimWrapperDict): An optimizer for each turn.

        Returns:
            dict[str, Tensor]: The losses and metrics of the turns; ``loss`` is the sum of the losses.
        """
        data = self.data_preprocessor(data, True)
        images, batch = data['generator_inputs'], ReIDBatch.of(data['generator_samples'], data['inputs'].device)
        drawn, logs, due = {}, [], self.due()
        if 'generator' in due:
            drawn, log = self._train_generator(images, batch, optim_wrapper['generator'])
            logs.append(log)
        if 'discriminator' in due:
            logs.append(
                self._train(optim_wrapper['discriminator'], [], lambda: self.judging_losses(images, drawn, batch))
            )
        if 'reid' in due:
            fixed = [self.generator, self.discriminators]
            logs.append(self._train(optim_wrapper['reid'], fixed, lambda: self.reid_losses(data, images, drawn, batch)))
        joined = {name: value for log in logs for name, value in log.items()}
        return dict(joined, loss=sum(log['loss'] for log in logs))

    def due(self) -> tuple[str, ...]:
        """The turns of a step of this epoch."""
        return tuple(turn for turn in self.turns if turn != 'reid' or not self.warming_up)

    @property
    def warming_up(self) -> bool:
        """Whether this epoch is one of the warm-up."""
        return self.epoch < self.warmup

    def fixed_while_drawing(self) -> list[nn.Module]:
        """The parts without gradients in the generator's turn."""
        return [self.discriminators, *([self.backbone] if self.warming_up else [])]

    def drawing_features(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """What the losses of the generator see of its images (N, 3, H, W); the other turns get it without gradients."""
        drawn = self.exchange(images, batch)
        return drawn | self._judge('exchanged', drawn['exchanged'], in_the_other_modality(batch))

    def judging_losses(self, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the discriminators, from real images (N, 3, H, W) and what was drawn of them."""
        scores = self._judge('exchanged', drawn['exchanged'], in_the_other_modality(batch))
        return self.image_criteria['discriminator'](scores | self._judge('real', images, batch), batch)

    def reid_losses(self, data: dict, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the network, from the batch for re-identification and from what was drawn of ``images``."""
        exchanged, there = drawn['exchanged'], in_the_other_modality(batch)
        rows = ReIDBatch.of(data['data_samples'], data['inputs'].device).take(data['items'])
        losses = self.criterion(each_modality(self._features, rows, data['inputs']), rows)
        with torch.no_grad():
            real = each_modality(self._features, batch, _enlarged(images))['logits']
        seen = dict(real=real, exchanged=each_modality(self._features, there, _enlarged(exchanged))['logits'])
        return losses | self.image_criteria['reid'](seen, batch)

    def _train_generator(
        self, images: Tensor, batch: ReIDBatch, wrapper: OptimWrapper
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What was drawn, without its gradients, and the log."""
        with wrapper.optim_context(self), _fixed(*self.fixed_while_drawing()):
            features = self.drawing_features(images, batch)
            losses = self.image_criteria['generator'](features, batch)
        total, log = self.parse_losses(losses)
        if self.generator_only and not self.warming_up:
            own = sum(losses[name] for name in self.generator_only)
            wrapper.scale_loss(own).backward(inputs=list(self.generator.parameters()), retain_graph=True)
            total = sum(value for name, value in losses.items() if name not in self.generator_only)
        _update(wrapper, total)
        return {name: value.detach() for name, value in features.items()}, log

    def _train(
        self, wrapper: OptimWrapper, fixed: list[nn.Module], losses: Callable[[], dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        """A pass and an update; the log."""
        with wrapper.optim_context(self), _fixed(*fixed):
            values = losses()
        total, log = self.parse_losses(values)
        _update(wrapper, total)
        return log

    def _features(self, inputs: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        return self.head(*self.extract_feat(inputs, batch))

    def _judge(self, name: str, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """The scores of images by the discriminators of their modalities, for each scale."""

        def judge(own: Tensor, rows: ReIDBatch) -> list[Tensor]:
            return self.discriminators[Modality(int(rows.modalities[0])).name.lower()](own)

        scores = each_modality(judge, batch, images)
        return {f'{name}_scale_{number}': score for number, score in enumerate(scores, start=1)}


def _enlarged(images: Tensor) -> Tensor:
    return F.interpolate(images, scale_factor=2, mode='bilinear', align_corners=False)


@contextmanager
def _fixed(*parts: nn.Module) -> Iterator[None]:
    """Leave the parameters of these parts without gradients."""
    trained = [parameter for part in parts for parameter in part.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)


def _update(wrapper: OptimWrapper, loss: Tensor) -> None:
    """A backward pass, and a step with the mean of the processes' gradients if one is due."""
    wrapper.backward(wrapper.scale_loss(loss))
    if wrapper.should_update():
        parameters = [parameter for group in wrapper.optimizer.param_groups for parameter in group['params']]
        all_reduce_params([parameter.grad for parameter in parameters if parameter.grad is not None], op='mean')
        wrapper.step()
        wrapper.zero_grad()
