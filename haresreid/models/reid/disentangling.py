"""The model class of Hi-CMD (Choi et al., CVPR 2020)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..generators import in_the_other_modality
from .adversarial import AdversarialVIReID

__all__ = ['DisentanglingVIReID']


@MODELS.register_module()
class DisentanglingVIReID(AdversarialVIReID):
    """Tells what belongs to a person in an image from its pose and illumination, by drawing it with another image's.

    The backbone encodes the generator's images at their own size, and the losses of the generator train its encoders.
    Two drawn images stand beside each real one: with its partner's pose and illumination, and with its illumination
    alone. The discriminators judge both, and in the ``reid`` turn the network should see the person in both.

    Args:
        image_criteria (dict[str, dict]): See :class:`AdversarialVIReID`. ``generator`` has what
            :meth:`AttributeExchangeGenerator.exchange` returns and the scores ``exchanged_scale_1``, ``relit_scale_1``
            and so on; ``discriminator`` has those, ``real_scale_1`` and ``gradient_scale_1``, of the scores of real
            images by their pixels, and so on; ``reid`` has the logits ``exchanged`` and ``relit``.
        **parts: See :class:`AdversarialVIReID`. The generator is an :class:`AttributeExchangeGenerator`, the backbone
            a :class:`DisentanglingResNet`.
    """

    def exchange(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """See :meth:`AttributeExchangeGenerator.exchange`."""
        return self.generator.exchange(images, batch, self.backbone.encode)

    def drawing_features(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """What the losses of the generator see of its images (N, 3, H, W)."""
        drawn = self.exchange(images, batch)
        return drawn | self._judge_drawn(drawn, batch)

    def judging_losses(self, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the discriminators, from real images (N, 3, H, W) and what was drawn of them."""
        images = images.detach().requires_grad_()
        real = self._judge('real', images, batch)
        gradients = {
            name.replace('real', 'gradient'): torch.autograd.grad(score.sum(), images, create_graph=True)[0]
            for name, score in real.items()
        }
        return self.image_criteria['discriminator'](real | gradients | self._judge_drawn(drawn, batch), batch)

    def reid_losses(self, data: dict, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the network, from the batch for re-identification and from what was drawn of ``images``."""
        rows = ReIDBatch.of(data['data_samples'], data['inputs'].device).take(data['items'])
        there = in_the_other_modality(batch)
        seen = {name: self._features(drawn[name], there)['logits'] for name in ('exchanged', 'relit')}
        return self.criterion(self._features(data['inputs'], rows), rows) | self.image_criteria['reid'](seen, batch)

    def _judge_drawn(self, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        there = in_the_other_modality(batch)
        return self._judge('exchanged', drawn['exchanged'], there) | self._judge('relit', drawn['relit'], there)
