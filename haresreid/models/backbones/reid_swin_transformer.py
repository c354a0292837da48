"""The Swin transformer (Liu et al., ICCV 2021) with SOLIDER's control of semantics (Chen et al., CVPR 2023)."""

import math

import torch.nn.functional as F
from mmengine.model import BaseModule
from mmpretrain.models import SwinTransformer
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .pretrained import load_pretrained, normalization_of
from .pretrained.formats import SOLIDER, SWIN, TIMM_SWIN
from .resnet_encoder import EncoderStage
from .stages import last_map

__all__ = ['ReIDSwinTransformer']


@MODELS.register_module()
class ReIDSwinTransformer(BaseModule):
    """MMPretrain's Swin transformer, shared by both modalities.

    Maps that the windows do not divide are padded. SOLIDER's ``semantic_weight`` w scales and shifts the channels of
    the maps that enter the second and later stages: x * softplus(A [w, 1-w]) + B [w, 1-w]; A and B come with its
    weights and are not trained.

    Args:
        arch (str | dict): 'tiny', 'small' or 'base'; a dict of ``embed_dims``, ``depths`` and ``num_heads`` gives a
            narrow variant. Defaults to 'tiny'.
        img_size (tuple[int, int]): (H, W) of the images; other sizes are accepted in ``forward``. Defaults to
            (256, 128).
        window_size (int): Defaults to 7.
        drop_path_rate (float): Stochastic depth of the last block; that of the first is 0. Defaults to 0.1.
        semantic_weight (float, optional): How much a feature is to say of what is seen, beside how it looks: 0 to 1;
            SOLIDER's re-identification has 0.2. Defaults to None: no such control.
        pretrained (str, optional): Weights of Swin, timm, SOLIDER, or MMPretrain; see :func:`fetch_weights`. Defaults
            to None: from scratch.
    """

    normalization_of = staticmethod(normalization_of)

    def __init__(
        self,
        arch: str | dict = 'tiny',
        img_size: tuple[int, int] = (256, 128),
        window_size: int = 7,
        drop_path_rate: float = 0.1,
        semantic_weight: float | None = None,
        pretrained: str | None = None,
    ) -> None:
        super().__init__()
        self.pretrained = pretrained
        self.semantic_weight = semantic_weight
        self.swin = SwinTransformer(
            arch, img_size, window_size=window_size, drop_path_rate=drop_path_rate, pad_small_map=True
        )
        if semantic_weight is not None:
            self.swin.semantic_embed_w, self.swin.semantic_embed_b = (
                nn.ModuleList(nn.Linear(2, channels).requires_grad_(False) for channels in self.swin.num_features[1:])
                for _ in range(2)
            )
        self.encoder_stages = nn.ModuleList(EncoderStage(self, number) for number in range(len(self.swin.stages)))

    def stages(self) -> dict[str, nn.Module]:
        """``stage1`` to ``stage4``, each called as ``stage(x, batch)``; its output is the stage's map."""
        return {f'stage{number}': stage for number, stage in enumerate(self.encoder_stages, start=1)}

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The normalised map of the last stage, (B, D, H/32, W/32), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.
        """
        return last_map(self.encoder_stages, inputs, batch)

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; the first contains the patch embedding, the last the norm, the others the merging of patches.

        Args:
            x (Tensor): The images (B, 3, H, W) for stage 0, else the map of the stage before.
            stage (int): 0 to 3.
            batch (ReIDBatch): Unused: all modalities share every weight.

        Returns:
            Tensor: The stage's map, (B, D_stage, h, w).
        """
        if stage == 0:
            x, grid = self.swin.patch_embed(x)  # (B, h*w, D)
            x = self.swin.drop_after_pos(x)
        else:
            x, grid = self.swin.stages[stage - 1].downsample(x.flatten(2).transpose(1, 2), tuple(x.shape[2:]))
            x = x if self.semantic_weight is None else self._controlled(x, stage - 1)
        x, _ = self.swin.stages[stage](x, grid, do_downsample=False)
        if stage == len(self.swin.stages) - 1:
            x = self.swin.norm3(x)
        return x.transpose(1, 2).unflatten(2, grid)

    def init_weights(self) -> None:
        super().init_weights()
        if self.pretrained is not None:
            load_pretrained(self.swin, self.pretrained, (SOLIDER, TIMM_SWIN, SWIN), resize=self._resized)

    def _controlled(self, x: Tensor, stage: int) -> Tensor:
        ratio = x.new_tensor([self.semantic_weight, 1 - self.semantic_weight])
        scale, shift = (embed[stage](ratio) for embed in (self.swin.semantic_embed_w, self.swin.semantic_embed_b))
        return x * F.softplus(scale) + shift

    def _resized(self, name: str, value: Tensor) -> tuple[Tensor, str]:
        """Biases of relative positions for the model's windows, and a note if they are of others."""
        if not name.endswith('relative_position_bias_table'):
            return value, ''
        sides = [math.isqrt(len(table)) for table in (value, self.swin.get_parameter(name))]  # 2 * window - 1
        if sides[0] == sides[1]:
            return value, ''
        there, here = ((side + 1) // 2 for side in sides)
        biases = value.T.unflatten(1, (sides[0], sides[0]))  # (heads, S, S)
        resized = F.interpolate(biases[None], size=(sides[1], sides[1]), mode='bicubic')[0]  # as SOLIDER's code does
        return resized.flatten(1).T, f'relative positions resized from windows of {there} to {here}'
