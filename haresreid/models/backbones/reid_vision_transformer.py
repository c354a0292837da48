"""The vision transformer of person re-identification (TransReID, He et al., ICCV 2021)."""

import math
from copy import deepcopy
from functools import partial

import torch
from mmpretrain.models import VisionTransformer
from mmpretrain.models.utils import resize_pos_embed
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch
from haresreid.structures.reid_batch import UNKNOWN

from ..layers import IBNConvStem, by_modality, token_grid
from .pretrained import load_pretrained, normalization_of
from .pretrained.formats import CLIP_VIT, DINOV2, TIMM, TRANSREID_SSL

__all__ = ['ReIDVisionTransformer']


@MODELS.register_module()
class ReIDVisionTransformer(VisionTransformer):
    """MMPretrain's vision transformer with overlapping patches and learned embeddings of an image's side information.

    The tokens are ``[class; patches] + positions + side_weight * (camera + modality)``; the embeddings of camera and
    modality are each added to every token, the class token included (SIE in TransReID). Position embeddings of another
    grid are resized (bilinear) when weights are loaded, and for images of another size. Unless ``pretrained_grid`` says
    so, a grid in a file is taken to be square if its number of cells is a square number, and else to have an aspect
    ratio near the model's.

    Options fit it to what weights were trained with: ``ics_stem`` to TransReID-SSL's, ``layer_scale`` and
    ``num_registers`` to DINOv2's, ``pre_norm`` and ``quick_gelu`` to CLIP's. See ``docs/en/user_guides/weights.md``.

    A camera of number c has the c-th embedding; cameras are numbered from 1, as in the data sets. At test time, an
    image whose camera is not known gets the mean of the embeddings, the best guess for a camera that training has not
    seen.

    Args:
        arch (str | dict): See MMPretrain's ``VisionTransformer``; a dict of ``embed_dims``, ``num_layers``,
            ``num_heads`` and ``feedforward_channels`` gives a narrow variant. Defaults to 'base'.
        img_size (tuple[int, int]): (H, W) of the images, which sizes the position embeddings; other sizes are accepted
            in ``forward``. Defaults to (256, 128).
        patch_size (int): Defaults to 16.
        stride (int): Distance of neighbouring patches, which overlap if it is below ``patch_size``. Defaults to 16.
        drop_rate (float): Dropout after the positions, the attention's projection, and both layers of an MLP. Defaults
            to 0.0.
        drop_path_rate (float): Stochastic depth of the last block; that of the first is 0. Defaults to 0.1.
        norm_eps (float): Of all layer norms. Defaults to 1e-6.
        final_norm (bool): Whether the tokens pass the last layer norm. Defaults to True.
        num_cameras (int): Number of cameras; 0 for no camera embedding. Defaults to 0.
        num_modalities (int): Number of modalities; 0 for no modality embedding. Defaults to 0.
        side_weight (float): Factor of both embeddings. Defaults to 3.0.
        specific_patches (bool): Whether infrared images have a patch embedding of their own. Defaults to False.
        ics_stem (bool): Whether :class:`IBNConvStem` precedes the patches. Defaults to False.
        layer_scale (bool): Whether each block scales its two outputs per channel. Defaults to False.
        num_registers (int): Further learned tokens that have no position and are not part of the output. Defaults to 0.
        pre_norm (bool): Whether a layer norm precedes the first block; patches then have no bias. Defaults to False.
        quick_gelu (bool): Whether an MLP has x * sigmoid(1.702 x) in the place of GELU. Defaults to False.
        init_std (float): Standard deviation of the initial positions. A narrow model that is trained from scratch needs
            more: it learns for too short a time to find out where its patches are. Defaults to 0.02.
        pretrained (str, optional): Weights of timm, TransReID, TransReID-SSL, DINOv2, CLIP, or MMPretrain; see
            :func:`fetch_weights`. Defaults to None: from scratch.
        pretrained_grid (tuple[int, int], optional): (h, w) of the positions in that file. Defaults to None: see above.

    Raises:
        ValueError: If ``ics_stem`` is to halve an odd ``patch_size`` or ``stride``.
    """

    # Substrings of the names of parameters beyond a vision transformer; files of pretrained weights do not hold them.
    added_parts: tuple[str, ...] = ('camera_embed', 'modality_embed', 'infrared.')
    normalization_of = staticmethod(normalization_of)

    def __init__(
        self,
        arch: str | dict = 'base',
        img_size: tuple[int, int] = (256, 128),
        patch_size: int = 16,
        stride: int = 16,
        drop_rate: float = 0.0,
        drop_path_rate: float = 0.1,
        norm_eps: float = 1e-6,
        final_norm: bool = True,
        num_cameras: int = 0,
        num_modalities: int = 0,
        side_weight: float = 3.0,
        specific_patches: bool = False,
        init_std: float = 0.02,
        ics_stem: bool = False,
        layer_scale: bool = False,
        num_registers: int = 0,
        pre_norm: bool = False,
        quick_gelu: bool = False,
        pretrained: str | None = None,
        pretrained_grid: tuple[int, int] | None = None,
    ) -> None:
        patch_cfg = dict(stride=stride, padding=0)  # MMPretrain would pad, and make a row and a column more
        if ics_stem:
            if patch_size % 2 or stride % 2:
                raise ValueError(f'ics_stem halves patch_size={patch_size} and stride={stride}: choose even ones.')
            half_size = (img_size[0] // 2, img_size[1] // 2)
            patch_cfg.update(
                in_channels=IBNConvStem.channels, input_size=half_size, kernel_size=patch_size // 2, stride=stride // 2
            )
        super().__init__(
            arch,
            img_size,
            patch_size,
            drop_rate=drop_rate,
            drop_path_rate=drop_path_rate,
            norm_cfg=dict(type='LN', eps=norm_eps),
            final_norm=final_norm,
            out_type='raw',
            interpolate_mode='bilinear',
            layer_scale_init_value=1e-5 if layer_scale else 0.0,
            layer_cfgs=dict(act_cfg=dict(type='mmpretrain.QuickGELU' if quick_gelu else 'GELU')),
            pre_norm=pre_norm,
            patch_cfg=patch_cfg,
        )
        self.patch_embed.stem = IBNConvStem() if ics_stem else nn.Identity()
        self.registers = nn.Parameter(torch.zeros(1, num_registers, self.embed_dims)) if num_registers else None
        self.pretrained = pretrained
        self.pretrained_grid = pretrained_grid
        self.side_weight = side_weight
        self.init_std = init_std
        self.camera_embed = self._side_embedding(num_cameras)
        self.modality_embed = self._side_embedding(num_modalities)
        self.infrared = deepcopy(self.patch_embed) if specific_patches else None

    @property
    def needs_modalities(self) -> bool:
        """Whether the feature depends on the modality that an image is said to have."""
        return self.modality_embed is not None or self.infrared is not None

    def stages(self) -> dict[str, nn.Module]:
        """``block1``, ``block2``, ...; the output of a block is its tokens, (B, 1+N, D)."""
        return {f'block{number}': layer for number, layer in enumerate(self.layers, start=1)}

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """All tokens of the last block, the class token first, (B, 1+N, D), as a tuple of one.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: If a row's modality or camera is needed and is not known, or is none of those that have an
                embedding.
        """
        x = self.embed(inputs, batch)
        count = x.shape[1]
        if self.registers is not None:
            x = torch.cat((x, self.registers.expand(x.shape[0], -1, -1)), dim=1)  # (B, 1+N+R, D)
        for layer in self.layers:
            x = layer(x)
        x = x[:, :count]  # (B, 1+N, D)
        return (self.ln1(x) if self.final_norm else x,), batch

    def embed(self, inputs: Tensor, batch: ReIDBatch) -> Tensor:
        """The tokens that enter the first block, (B, 1+N, D)."""
        patches = self._patches(inputs, batch)  # (B, D, h, w)
        grid = patches.shape[-2:]
        cls_token = self.cls_token.expand(patches.shape[0], -1, -1)  # (B, 1, D)
        x = torch.cat((cls_token, patches.flatten(2).transpose(1, 2)), dim=1)  # (B, 1+N, D)
        x = x + resize_pos_embed(self.pos_embed, self.patch_resolution, grid, self.interpolate_mode)
        for side in self._sides(batch):
            x = x + self.side_weight * side
        return self.pre_norm(self.drop_after_pos(x))

    def grid_of(self, positions: Tensor) -> tuple[int, int]:
        """The grid (h, w) that position embeddings, (1, 1+N, D), are of.

        Raises:
            ValueError: If no grid has N cells.
        """
        count, (height, width) = positions.shape[1] - 1, self.patch_resolution
        if count == height * width:
            return height, width
        side = math.isqrt(count)
        return (side, side) if side * side == count else token_grid(count, height / width)

    def get_layer_depth(self, param_name: str, prefix: str = '') -> tuple[int, int]:
        """Depth of a parameter, and the number of depths, for layer-wise learning rates."""
        first = ('registers', 'pre_norm.', *ReIDVisionTransformer.added_parts)
        if param_name.startswith(tuple(prefix + part for part in first)):
            return 0, self.num_layers + 2
        return super().get_layer_depth(param_name, prefix)

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.trunc_normal_(self.pos_embed, std=self.init_std, a=-2 * self.init_std, b=2 * self.init_std)
        if self.registers is not None:
            nn.init.normal_(self.registers, std=1e-6)
        if self.pretrained is not None:
            formats = (TRANSREID_SSL, DINOV2, TIMM, CLIP_VIT)
            load_pretrained(self, self.pretrained, formats, self.added_parts, self._resized)
        if self.infrared is not None:
            self.infrared.load_state_dict(self.patch_embed.state_dict())

    def _resized(self, name: str, value: Tensor) -> tuple[Tensor, str]:
        """Position embeddings of pretrained weights in the model's grid, and a note if that is another one.

        Raises:
            ValueError: If ``pretrained_grid`` is stated, and the file holds another number of positions.
        """
        if name != 'pos_embed' or value.shape[2] != self.embed_dims:
            return value, ''
        grid = self.pretrained_grid or self.grid_of(value)
        if math.prod(grid) != value.shape[1] - 1:
            raise ValueError(
                f'pretrained_grid is {tuple(grid)}, and the file holds {value.shape[1] - 1} positions: state the grid '
                'that its images were divided into, or leave pretrained_grid out.'
            )
        if tuple(grid) == tuple(self.patch_resolution):
            return value, ''
        note = 'positions resized from {} x {} to {} x {}'.format(*grid, *self.patch_resolution)
        return resize_pos_embed(value, grid, self.patch_resolution, self.interpolate_mode), note

    def _patches(self, inputs: Tensor, batch: ReIDBatch) -> Tensor:
        visible = partial(_embedded, self.patch_embed)
        if self.infrared is None:
            return visible(inputs)
        return by_modality(visible, partial(_embedded, self.infrared), inputs, batch, self.training)

    def _sides(self, batch: ReIDBatch) -> list[Tensor]:
        """The embeddings of the rows' cameras and of their modalities, as far as there are any, (B, 1, D) each."""
        sides = []
        if self.camera_embed is not None:
            self._check(batch.cameras, 'camera', 1, len(self.camera_embed), may_be_unknown=not self.training)
            cameras = batch.cameras.to(self.camera_embed.device)
            known = (cameras > 0)[:, None, None]
            own, mean = self.camera_embed[(cameras - 1).clamp(min=0)], self.camera_embed.mean(0, keepdim=True)
            sides.append(torch.where(known, own, mean))
        if self.modality_embed is not None:
            self._check(batch.modalities, 'modality', 0, len(self.modality_embed), may_be_unknown=False)
            sides.append(self.modality_embed[batch.modalities.to(self.modality_embed.device)])
        return sides

    def _check(self, numbers: Tensor, what: str, first: int, count: int, may_be_unknown: bool) -> None:
        """Refuse rows of which a number is not known or has no embedding; an exported graph cannot look at them."""
        if torch.compiler.is_compiling():
            return
        wrong = set(numbers.tolist()) - set(range(first, first + count)) - ({UNKNOWN} if may_be_unknown else set())
        if wrong:
            found = f'an image whose {what} is not known' if UNKNOWN in wrong else f'an image of {what} {min(wrong)}'
            raise ValueError(
                f'This {type(self).__name__} has embeddings of {what} {first} to {first + count - 1}, and a batch '
                f'holds {found}: state {what} in the data_samples of VIReID, or set num_cameras and num_modalities.'
            )

    def _side_embedding(self, count: int) -> nn.Parameter | None:
        return nn.Parameter(nn.init.trunc_normal_(torch.empty(count, 1, self.embed_dims), std=0.02)) if count else None

    def _prepare_pos_embed(self, state_dict: dict, prefix: str, *args) -> None:
        """Resize the position embeddings of a state dict that is being loaded, in place of MMPretrain's method."""
        name = f'{prefix}pos_embed'
        if name in state_dict:
            positions = state_dict[name]
            grid = self.grid_of(positions)
            state_dict[name] = resize_pos_embed(positions, grid, self.patch_resolution, self.interpolate_mode)


def _embedded(patch_embed: nn.Module, images: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, D, h, w)."""
    return patch_embed.projection(patch_embed.stem(images))
