"""Head of LbA (Park et al., ICCV 2021)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..backbones.aligned_resnet import AlignedMaps
from .bnneck_head import BNNeckHead

__all__ = ['LbAHead']


@MODELS.register_module()
class LbAHead(BNNeckHead):
    """BNNeck on the maps of :class:`AlignedResNet`, and in training also on their reconstructions.

    Features for losses: those of :class:`BNNeckHead`, and in training, for each of the stages 3 and 4, the logits of
    the reconstruction, ``logits_3``, and the maps of :class:`Aligned`, ``own_3``, ``positive_3``, ``negative_3`` and
    ``comask_3``.
    """

    def forward(self, feats: tuple[Tensor] | AlignedMaps, batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features."""
        features = super().forward(feats, batch)
        if isinstance(feats, AlignedMaps):
            reconstructed = feats.deeper, feats.layer4.positive  # (N, D, h, w) each
            for stage, aligned, maps in zip((3, 4), (feats.layer3, feats.layer4), reconstructed):
                features |= {f'{name}_{stage}': value for name, value in aligned._asdict().items()}
                if self.classifier is not None:
                    features[f'logits_{stage}'] = self.classifier(self.bnneck(self.pooling(maps)))
        return features
