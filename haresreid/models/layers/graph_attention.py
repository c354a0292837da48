"""CGSA, the cross-modality graph-structured attention of DDAG (Ye et al., ECCV 2020)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['GraphAttention']


class GraphAttentionLayer(nn.Module):
    """One head of graph attention (Velickovic et al., ICLR 2018), without bias.

    Args:
        in_channels (int): Width of a node.
        out_channels (int): Width D of a node's output.
        dropout (float): Of the attention.
    """

    def __init__(self, in_channels: int, out_channels: int, dropout: float) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(in_channels, out_channels))
        self.a = nn.Parameter(torch.empty(2 * out_channels, 1))
        self.dropout = nn.Dropout(dropout)
        for weight in (self.W, self.a):
            nn.init.xavier_uniform_(weight, gain=1.414)

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        """Nodes (N, in_channels) and edges (N, N), a boolean matrix with a True in each row -> (N, D)."""
        hidden = nodes @ self.W  # (N, D)
        own, other = (hidden @ half for half in self.a.chunk(2))  # (N, 1): a^T [h_i, h_j] is a sum of two products
        scores = F.leaky_relu(own + other.T, 0.2)  # (N, N)
        attention = scores.masked_fill(~edges, -torch.inf).softmax(dim=1)
        return self.dropout(attention) @ hidden


class GraphAttention(nn.Module):
    """Two layers of graph attention over the images of a batch: several heads, then one that gives identity logits.

    An image has an edge to every image of its identity, in either modality, and to itself.

    Args:
        channels (int): Width D of an image's feature; each head has D / num_heads of its own.
        num_classes (int): Identities C.
        num_heads (int): Heads of the first layer. Defaults to 4.
        dropout (float): Of the nodes of both layers, and of their attention. Defaults to 0.2.

    Raises:
        ValueError: If ``num_heads`` is below one, or leaves a head no channel.
    """

    def __init__(self, channels: int, num_classes: int, num_heads: int = 4, dropout: float = 0.2) -> None:
        super().__init__()
        if not 1 <= num_heads <= channels:
            raise ValueError(f'num_heads must be 1 to {channels}, the width of a feature, not {num_heads}.')
        width = channels // num_heads
        self.heads = nn.ModuleList(GraphAttentionLayer(channels, width, dropout) for _ in range(num_heads))
        self.out = GraphAttentionLayer(num_heads * width, num_classes, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Features (N, D) and their identities (N,) -> logits (N, C)."""
        edges = labels.unsqueeze(0) == labels.unsqueeze(1)  # (N, N)
        nodes = self.dropout(feats)
        nodes = torch.cat([F.elu(head(nodes, edges)) for head in self.heads], dim=1)  # (N, num_heads * width)
        return F.elu(self.out(self.dropout(nodes), edges))
