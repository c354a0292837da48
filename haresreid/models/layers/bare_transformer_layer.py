"""The transformer layer of DFLN-ViT (Zhao et al., TMM 2022), which has no residual connections."""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['BareTransformerLayer']


class BareTransformerLayer(nn.Module):
    """``x = Attention(LN(x))``, then ``x = MLP(LN(x))``: what enters a half does not go around it.

    As in the released code, there is one narrow head, and the attention's logits are divided by the root of the token
    width, not of the head width.

    Args:
        dims (int): Token width D.
        head_dims (int): Width of queries, keys and values. Defaults to 32.
        hidden_dims (int): Width between the MLP's layers. Defaults to 16.
        dropout (float): After the attention's projection, and after both layers of the MLP. Defaults to 0.1.
    """

    def __init__(self, dims: int, head_dims: int = 32, hidden_dims: int = 16, dropout: float = 0.1) -> None:
        super().__init__()
        self.scale = dims**-0.5
        self.norm1 = nn.LayerNorm(dims)
        self.qkv = nn.Linear(dims, 3 * head_dims, bias=False)
        self.proj = nn.Linear(head_dims, dims)
        self.dropout = nn.Dropout(dropout)
        self.norm2 = nn.LayerNorm(dims)
        self.mlp = nn.Sequential(
            nn.Linear(dims, hidden_dims),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_dims, dims),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, D) -> (B, N, D)."""
        # with an axis of one head: an export to ONNX wants four
        query, key, value = self.qkv(self.norm1(x)).unsqueeze(1).chunk(3, dim=-1)  # (B, 1, N, head_dims) each
        x = F.scaled_dot_product_attention(query, key, value, scale=self.scale).squeeze(1)  # (B, N, head_dims)
        return self.mlp(self.norm2(self.dropout(self.proj(x))))
