"""TE, the transformer encoder of one HAResformer stage (paper sec. III-B, eqs. 2-3): a small ViT on a map."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .patch_conv import PatchConv2d

__all__ = ['TransformerEncoderStage']


def resize_positions(pos: Tensor, grid: tuple[int, int]) -> Tensor:
    """Interpolate position embeddings (1, D, h, w) to another token grid; the same tensor where the grid fits."""
    if tuple(pos.shape[-2:]) == tuple(grid):
        return pos
    return F.interpolate(pos.float(), size=grid, mode='bicubic', align_corners=False).to(pos.dtype)  # (1, D, *grid)


def _as_tokens(x: Tensor) -> Tensor:
    """A map's positions as tokens, (B, D, h, w) -> (B, N, D)."""
    return x.flatten(2).transpose(1, 2)


class SelfAttention(nn.Module):
    """Multi-head self-attention without bias on q, k and v.

    The N x N attention matrix is left to ``F.scaled_dot_product_attention``, which does not materialise it where the
    platform has a fused kernel: stage 1 has 2593 tokens at 288x144.

    Args:
        dims (int): Token width D.
        num_heads (int): H.
        cls_self_attention (bool): See :class:`TransformerEncoderStage`.
    """

    def __init__(self, dims: int, num_heads: int, cls_self_attention: bool) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.cls_self_attention = cls_self_attention
        self.qkv = nn.Linear(dims, 3 * dims, bias=False)
        self.proj = nn.Linear(dims, dims)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N+1, D) -> (B, N+1, D); token 0 is the class token."""
        q, k, v = self._queries_keys_values(x)  # each (B, nh, N+1, D/nh)
        if self.cls_self_attention:
            x = F.scaled_dot_product_attention(q, k, v)
        else:
            # two calls instead of a mask, which rules out the fastest kernels and would be an N x N matrix
            cls = F.scaled_dot_product_attention(q[:, :, :1], k[:, :, 1:], v[:, :, 1:])  # (B, nh, 1, D/nh)
            patches = F.scaled_dot_product_attention(q[:, :, 1:], k, v)  # (B, nh, N, D/nh)
            x = torch.cat((cls, patches), dim=2)
        return self.proj(x.transpose(1, 2).flatten(2))

    def attention_matrix(self, x: Tensor) -> Tensor:
        """Attention weights, (B, N+1, D) -> (B, nh, N+1, N+1): rows are queries and sum to one. For analysis only."""
        q, k, _ = self._queries_keys_values(x)
        logits = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])  # (B, nh, N+1, N+1)
        if not self.cls_self_attention:
            logits[:, :, 0, 0] = -math.inf
        return logits.softmax(dim=-1)

    def _queries_keys_values(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        qkv = self.qkv(x).unflatten(-1, (3, self.num_heads, -1))  # (B, N+1, 3, nh, D/nh)
        return qkv.permute(2, 0, 3, 1, 4).unbind()  # each (B, nh, N+1, D/nh)


class TransformerLayer(nn.Module):
    """Pre-norm transformer layer, eq. 3: ``z + MHSA(LN(z))``, then ``z + MLP(LN(z))`` with a GELU MLP of 4 x width.

    Args:
        dims (int): Token width D.
        num_heads (int): H.
        cls_self_attention (bool): See :class:`TransformerEncoderStage`.
    """

    def __init__(self, dims: int, num_heads: int, cls_self_attention: bool) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dims)
        self.attention = SelfAttention(dims, num_heads, cls_self_attention)
        self.norm2 = nn.LayerNorm(dims)
        self.mlp = nn.Sequential(nn.Linear(dims, 4 * dims), nn.GELU(), nn.Linear(4 * dims, dims))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


@MODELS.register_module()
class TransformerEncoderStage(nn.Module):
    """Patch embedding, class token, position embeddings and L pre-norm layers.

    Every stage has a class token and positions of its own, because its width is its own; only the patch tokens travel
    on. Position embeddings of the patches are kept as a map, so that they can be interpolated: for an input of another
    size in ``forward``, and for a checkpoint of another image size while it is loaded.

    Initialisation, as ViT's: truncated normal for linear layers, tokens and positions, biases zero, and torch's default
    for the patch embedding. ViT's std of 0.02 belongs to widths of hundreds: with a few dozen channels it leaves the
    class token blind to the image, and about 0.5 / sqrt(D) is needed.

    The last three options keep the outputs from becoming the same for every image, which no loss prevents. The
    measurements are in ``docs/en/notes/synvi_experiments.md``. Only ``final_norm`` is a possible reading of the paper.

    Args:
        in_channels (int): Channels of the input map.
        dims (int): Token width D.
        patch_size (int): P, both the kernel and the stride of the patch embedding.
        grid_size (tuple[int, int]): Token grid (h, w) of the configured image size.
        num_heads (int): H; one head is D/H wide, so H does not change the cost. Defaults to 1.
        num_layers (int): L. Defaults to 1.
        init_std (float): Standard deviation of the initial weights. Defaults to 0.02.
        final_norm (bool): Whether a LayerNorm follows the last layer, as in ViT. Eq. 3 ends with the residual sum.
            With a LayerNorm at the end, the scale of the residual stream does not affect any loss, and a constant in it
            may grow until the LayerNorm divides the image's share away. Defaults to False.
        cls_self_attention (bool): Whether the class token attends to itself: ``softmax(q_0 [k_0, K]^T) [v_0, V]``, or
            with False ``softmax(q_0 K^T) V`` over the patches alone. The class token starts as the same vector for
            every image. If it attends mostly to itself it says nothing of the image, and no gradient reaches it through
            the patches. Defaults to True.
        output_norm (bool): Whether the class token and the patch map that TE returns each pass a batch norm. It
            removes what is the same for all images, however large that has grown, and passes the rest on at a fixed
            scale, as all norms of LeViT do (Graham et al., ICCV 2021). The class token's norm starts with a scale of
            0.1: HGAE sums the token over all channels and would drown the pooled maps at first. Defaults to False.

    Raises:
        ValueError: If ``dims`` is not a multiple of ``num_heads``.
    """

    def __init__(
        self,
        in_channels: int,
        dims: int,
        patch_size: int,
        grid_size: tuple[int, int],
        num_heads: int = 1,
        num_layers: int = 1,
        init_std: float = 0.02,
        final_norm: bool = False,
        cls_self_attention: bool = True,
        output_norm: bool = False,
    ) -> None:
        super().__init__()
        if dims % num_heads:
            raise ValueError(
                f'num_heads={num_heads} does not divide the token width {dims} of this stage; choose a divisor.'
            )
        self.patch_embed = PatchConv2d(in_channels, dims, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dims))
        self.cls_pos = nn.Parameter(torch.zeros(1, 1, dims))
        self.patch_pos = nn.Parameter(torch.zeros(1, dims, *grid_size))
        self.layers = nn.Sequential(*(TransformerLayer(dims, num_heads, cls_self_attention) for _ in range(num_layers)))
        self.norm = nn.LayerNorm(dims) if final_norm else nn.Identity()
        self.cls_out_norm = nn.BatchNorm1d(dims) if output_norm else nn.Identity()
        self.patch_out_norm = nn.BatchNorm2d(dims) if output_norm else nn.Identity()
        self._init_parameters(init_std)
        if output_norm:
            nn.init.constant_(self.cls_out_norm.weight, 0.1)

    def _init_parameters(self, std: float) -> None:
        for token in (self.cls_token, self.cls_pos, self.patch_pos):
            nn.init.trunc_normal_(token, std=std)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=std)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Encode a map.

        Args:
            x (Tensor): (B, in_channels, h*P, w*P).

        Returns:
            tuple[Tensor, Tensor]: The class token (B, D), and the patch tokens as a map (B, D, h, w).
        """
        x = self.patch_embed(x)  # (B, D, h, w)
        grid = x.shape[-2:]
        cls = self.cls_token.expand(x.shape[0], -1, -1)  # (B, 1, D); len(x) would make B a constant in an export
        tokens = torch.cat((cls, _as_tokens(x)), dim=1)  # (B, N+1, D)
        # in the tokens' layout, since adding a map in NCHW to one in channels_last is slow
        positions = torch.cat((self.cls_pos, _as_tokens(resize_positions(self.patch_pos, grid))), dim=1)  # (1, N+1, D)
        tokens = self.norm(self.layers(tokens + positions))
        # split: its backward is one copy, while that of two slices fills two tensors with zeros and adds them
        cls, patches = tokens.split((1, tokens.shape[1] - 1), dim=1)  # (B, 1, D), (B, N, D)
        cls, patch_map = cls.squeeze(1), patches.transpose(1, 2).unflatten(2, grid)  # (B, D), (B, D, h, w)
        return self.cls_out_norm(cls), self.patch_out_norm(patch_map)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        """Torch's hook for loading this module's own parameters: fit the checkpoint's positions to this grid first."""
        key = f'{prefix}patch_pos'
        if key in state_dict:
            state_dict[key] = resize_positions(state_dict[key], self.patch_pos.shape[-2:])
        super()._load_from_state_dict(state_dict, prefix, *args)
