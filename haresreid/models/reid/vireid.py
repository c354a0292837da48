"""The one model class of haresreid: a method is new parts, not a new class."""

from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

__all__ = ['VIReID']


@MODELS.register_module()
class VIReID(BaseModel):
    """Visible-infrared re-identification: data preprocessor, backbone, optional neck, head.

    Args:
        backbone (dict): Called as ``backbone(inputs, modalities)``.
        head (dict): With ``forward(feats)``, ``loss(feats, data_samples)``, ``predict(feats, data_samples)`` and
            ``retrieval_feature(feats)``, e.g. :class:`BNNeckHead`.
        neck (dict, optional): Called as ``neck(feats)``. Defaults to None.
        data_preprocessor (dict, optional): Defaults to ``dict(type='ReIDDataPreprocessor')``.
        flip_test (bool): Predict the normalised sum of the features of an image and of its mirror image.
            Defaults to False.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        flip_test: bool = False,
    ) -> None:
        super().__init__(data_preprocessor=MODELS.build(data_preprocessor or dict(type='ReIDDataPreprocessor')))
        self.backbone = MODELS.build(backbone)
        self.neck = None if neck is None else MODELS.build(neck)
        self.head = MODELS.build(head)
        self.flip_test = flip_test

    def forward(
        self, inputs: Tensor, data_samples: list[ReIDDataSample] | None = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list[ReIDDataSample]:
        """Run the model.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            data_samples (list[ReIDDataSample], optional): Their labels. Required by the modes 'loss' and 'predict',
                and in every mode by a backbone with modality-specific parts.
            mode (str): 'tensor' gives the head's named features, 'loss' its losses, 'predict' the samples with
                ``pred_feature``. Defaults to 'tensor'.
        """
        if mode == 'tensor':
            return self.head(self.extract_feat(inputs, data_samples))
        if mode == 'loss':
            return self.head.loss(self.extract_feat(inputs, data_samples), data_samples)
        if mode == 'predict':
            return self._predict(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', not {mode!r}.")

    def extract_feat(self, inputs: Tensor, data_samples: list[ReIDDataSample] | None = None) -> Any:
        """The features which the head takes."""
        modalities = None
        if data_samples is not None:
            # on the CPU: which images go where decides shapes, for which a GPU, or the meta device, cannot be asked
            modalities = torch.tensor([sample.modality for sample in data_samples])  # (B,)
        # channels_last makes convolutions faster, pointwise ones most of all, and maps become tokens without a copy
        feats = self.backbone(inputs.contiguous(memory_format=torch.channels_last), modalities)
        return feats if self.neck is None else self.neck(feats)

    def _predict(self, inputs: Tensor, data_samples: list[ReIDDataSample]) -> list[ReIDDataSample]:
        data_samples = self.head.predict(self.extract_feat(inputs, data_samples), data_samples)
        if self.flip_test:
            mirrored = self.head.retrieval_feature(self.extract_feat(inputs.flip(-1), data_samples))  # (B, D)
            for sample, feature in zip(data_samples, mirrored):
                sample.pred_feature = F.normalize(sample.pred_feature + feature, dim=0)
        return data_samples
