"""The one model class of haresreid: a method is new parts, not a new class."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

from ..losses import Criterion

__all__ = ['VIReID']


@MODELS.register_module()
class VIReID(BaseModel):
    """Visible-infrared re-identification: generator, backbone, neck, head and criterion.

    Generator, backbone and neck share one contract, ``part(x, batch) -> (x, batch)``. A part that adds or removes rows
    returns the :class:`ReIDBatch` that describes the rows it returns.

    Args:
        backbone (dict): Maps images (N, 3, H, W) to the input of neck and head.
        head (dict): ``head(feats, batch)`` returns named features, see :class:`ReIDHead`.
        neck (dict, optional): Between backbone and head. Defaults to None.
        generator (dict, optional): Maps images to images, before the backbone. Defaults to None.
        criterion (dict, optional): The losses, a :class:`Criterion`. Defaults to None: the model cannot be trained.
        data_preprocessor (dict, optional): Defaults to ``dict(type='ReIDDataPreprocessor')``.
        flip_test (bool): Whether :meth:`embed` returns the normalised sum of the features of an image and of its
            mirror image. Defaults to False.
        join_copies (str, optional): How :meth:`retrieval` makes one feature of the copies that a part made of an image:
            'sum' or 'concat'. Defaults to None: such a part is refused outside training.
        temporal_pooling (dict, optional): Makes one feature of the frames of a track, such as :class:`TemporalMean`. It
            acts on each of the head's named features, (B, T, D) -> (B, D), so losses and retrieval see one row for each
            track. A single image is a track of one frame. Defaults to None: each frame is a row of its own.

    Attributes:
        teacher (Callable, optional): ``teacher(inputs, batch)`` gives the feature ``teacher`` that losses compare with.
            None but in a training with :class:`TeacherHook`.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        generator: dict | None = None,
        criterion: dict | None = None,
        data_preprocessor: dict | None = None,
        flip_test: bool = False,
        join_copies: str | None = None,
        temporal_pooling: dict | None = None,
    ) -> None:
        if join_copies not in (None, 'sum', 'concat'):
            raise ValueError(f"join_copies must be None, 'sum' or 'concat', not {join_copies!r}.")
        super().__init__(data_preprocessor=MODELS.build(data_preprocessor or dict(type='ReIDDataPreprocessor')))
        self.generator = None if generator is None else MODELS.build(generator)
        self.backbone = MODELS.build(backbone)
        self.neck = None if neck is None else MODELS.build(neck)
        self.head = MODELS.build(head)
        self.criterion = Criterion({}) if criterion is None else MODELS.build(criterion)
        self.flip_test = flip_test
        self.join_copies = join_copies
        self.temporal_pooling = None if temporal_pooling is None else MODELS.build(temporal_pooling)
        self.teacher: Callable[[Tensor, ReIDBatch], Tensor] | None = None

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[ReIDDataSample] | None = None,
        mode: str = 'tensor',
        items: Tensor | None = None,
    ) -> dict[str, Tensor] | list[ReIDDataSample]:
        """Run the model.

        Args:
            inputs (Tensor): Normalised images, (N, 3, H, W).
            data_samples (list[ReIDDataSample], optional): What the loader knows of them. Required by the modes 'loss'
                and 'predict', and in every mode by a backbone with modality-specific parts.
            mode (str): 'tensor' gives the head's named features, 'loss' the criterion's losses, 'predict' the samples
                with ``pred_feature``. Defaults to 'tensor'.
            items (Tensor, optional): (N,) the sample that each image belongs to. Defaults to None: each image is a
                sample of its own.
        """
        batch, frames = _batch_of(inputs, data_samples, items), self.frames_of(inputs, data_samples)
        if mode == 'tensor':
            feats, rows = self.extract_feat(inputs, batch)
            return self._pool_frames(self.head(feats, rows), rows, frames)[0]
        if mode == 'loss':
            feats, rows = self.extract_feat(inputs, batch)
            features = self.head(feats, rows)
            if self.teacher is not None:
                features['teacher'] = self.teacher(inputs, batch)
            return self.criterion(*self._pool_frames(features, rows, frames))
        if mode == 'predict':
            if len(data_samples) * frames != len(inputs):
                raise ValueError(
                    f'The test pipeline makes {len(inputs)} images of {len(data_samples)}, and retrieval ranks one '
                    'feature of each: take the views (VisibleViews) out of it.'
                )
            for sample, feature in zip(data_samples, self.embed(inputs, batch, frames)):
                sample.pred_feature = feature  # (D,)
            return data_samples
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', not {mode!r}.")

    def extract_feat(self, inputs: Tensor, batch: ReIDBatch) -> tuple[Any, ReIDBatch]:
        """Run generator, backbone and neck: the head's input, and the batch that describes its rows."""
        x = inputs
        if self.generator is not None:
            x, batch = self.generator(x, batch)
        # NHWC in memory: convolutions are faster, pointwise ones most of all, and a map becomes tokens without a copy
        feats, batch = self.backbone(x.contiguous(memory_format=torch.channels_last), batch)
        return (feats, batch) if self.neck is None else self.neck(feats, batch)

    def frames_of(self, inputs: Tensor, data_samples: list[ReIDDataSample] | None) -> int:
        """How many consecutive images make one feature, T: 1 without ``temporal_pooling``."""
        if self.temporal_pooling is None or not data_samples:
            return 1
        return len(inputs) // len(data_samples)

    def embed(self, inputs: Tensor, batch: ReIDBatch, frames: int = 1) -> Tensor:
        """The features that retrieval ranks by; ``flip_test`` adds those of the mirror images.

        Args:
            inputs (Tensor): Normalised images, (N, 3, H, W).
            batch (ReIDBatch): Their rows; only the modalities matter.
            frames (int): How many consecutive images are one track, T. Defaults to 1.

        Returns:
            Tensor: (N / T, D) float32, L2-normalised.

        Raises:
            ValueError: If a part multiplies the rows outside training.
        """
        feature = self._embed_once(inputs, batch, frames)
        if not self.flip_test:
            return feature
        return F.normalize(feature + self._embed_once(inputs.flip(-1), batch, frames))

    def retrieval(self, features: dict[str, Tensor], inputs: Tensor, frames: int = 1) -> Tensor:
        """The head's retrieval feature; ``join_copies`` makes one of an image's copies, each L2-normalised first.

        The product of two concatenations is the sum of the products of like copies; that of two sums is the sum of the
        products of all copies.

        Args:
            features (dict[str, Tensor]): The head's named features; copies in the order of :meth:`ReIDBatch.repeat`.
            inputs (Tensor): The N images that they are of.
            frames (int): How many of these images are one track, T. Defaults to 1.

        Returns:
            Tensor: (N / T, D) float32, L2-normalised.

        Raises:
            ValueError: If an image has several rows, and ``join_copies`` is None.
        """
        feature, images = features[self.head.retrieval_feature], inputs.shape[0] // frames
        if self.join_copies is None:
            if feature.shape[0] != images:
                raise ValueError(
                    f'This model makes {feature.shape[0]} rows of {images} images, and retrieval ranks one feature of '
                    'each: let the part that multiplies rows do it in training mode only, or set join_copies.'
                )
            return F.normalize(feature.float())
        copies = F.normalize(feature.float()).view(-1, images, feature.shape[1])  # (copies, N, D)
        joined = copies.sum(0) if self.join_copies == 'sum' else copies.transpose(0, 1).flatten(1)
        return F.normalize(joined)

    def training_only(self) -> tuple[str, ...]:
        """Prefixes of the weights that only training needs, such as ``head.classifier.``.

        A part names its own in ``training_only``. No retrieval feature depends on them, so published weights may lack
        them.
        """
        parts = [(name, getattr(part, 'training_only', ())) for name, part in self.named_children()]
        return ('criterion.', *(f'{name}.{child}.' for name, children in parts for child in children))

    def get_layer_depth(self, param_name: str) -> tuple[int, int]:
        """Depth of a parameter, and the number of depths; what follows the backbone is deepest.

        MMPretrain's ``LearningRateDecayOptimWrapperConstructor`` asks for them.

        Args:
            param_name (str): The parameter's name in this model.
        """
        return self.backbone.get_layer_depth(param_name, 'backbone.')

    def _embed_once(self, inputs: Tensor, batch: ReIDBatch, frames: int) -> Tensor:
        feats, rows = self.extract_feat(inputs, batch)
        features, _ = self._pool_frames(self.head(feats, rows), rows, frames)
        return self.retrieval(features, inputs, frames)

    def _pool_frames(
        self, features: dict[str, Tensor], batch: ReIDBatch, frames: int
    ) -> tuple[dict[str, Tensor], ReIDBatch]:
        """Each named feature (R, D) becomes (R / T, D); the frames of a track are T consecutive rows."""
        if frames == 1:
            return features, batch
        pooled = {name: self.temporal_pooling(feature.unflatten(0, (-1, frames))) for name, feature in features.items()}
        return pooled, batch.take(torch.arange(0, len(batch.modalities), frames))


def _batch_of(inputs: Tensor, data_samples: list[ReIDDataSample] | None, items: Tensor | None) -> ReIDBatch:
    """The batch that describes the images' rows, as far as samples and items are given."""
    batch = ReIDBatch.of(data_samples or [ReIDDataSample()] * len(inputs), inputs.device)
    return batch if items is None else batch.take(items)
