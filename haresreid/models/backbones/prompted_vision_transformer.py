"""Vision transformer with prompts of the modality and of the image beside its patches (MIP, Wu et al., ICMR 2024)."""

import math
from copy import deepcopy

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .jigsaw_vision_transformer import JigsawVisionTransformer

__all__ = ['PromptedVisionTransformer']


@MODELS.register_module()
class PromptedVisionTransformer(JigsawVisionTransformer):
    """A :class:`JigsawVisionTransformer` whose blocks, but for the last, also see prompts: [class; prompts; patches].

    Every block has prompts of its own; what the block makes of them is dropped. The modality's prompts are learned
    vectors of each block, through one linear layer. The image's prompts are made in front of each block by a generator:
    a transformer block, shared by all blocks, that sees learned queries and the patches, and returns the queries.

    Args:
        num_prompts (int): Prompts of the modality, for each block. Defaults to 16.
        num_instance_prompts (int): Prompts of the image, for each block. Defaults to 16.
        prompt_scale (float): Factor of the width of the uniform distribution that the modality's prompts start from.
            Defaults to 20.0, as released.
        **kwargs: Those of :class:`JigsawVisionTransformer`.
    """

    added_parts = (*JigsawVisionTransformer.added_parts, 'modality_prompts', 'prompt_proj.', 'instance_')

    def __init__(
        self, *, num_prompts: int = 16, num_instance_prompts: int = 16, prompt_scale: float = 20.0, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        width = self.embed_dims
        bound = prompt_scale * math.sqrt(6 / (3 * math.prod(self.patch_embed.projection.kernel_size) + width))
        prompts = torch.empty(2, self.num_layers - 1, num_prompts, width).uniform_(-bound, bound)
        self.modality_prompts = nn.Parameter(prompts)
        self.prompt_proj = nn.Linear(width, width)
        self.prompt_dropout = nn.Dropout(0.1)
        queries = torch.empty(1, num_instance_prompts, width)
        self.instance_queries = nn.Parameter(nn.init.trunc_normal_(queries, std=0.02))
        self.instance_generator = deepcopy(self.layers[0])

    @property
    def needs_modalities(self) -> bool:
        """Always: the prompts are the modality's."""
        return True

    def stages(self) -> dict[str, nn.Module]:
        """The last block alone: the others' outputs are not only tokens of the image."""
        name, block = list(super().stages().items())[-1]
        return {name: block}

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.kaiming_normal_(self.prompt_proj.weight, mode='fan_out')

    def encode(self, x: Tensor, batch: ReIDBatch) -> Tensor:
        """See :meth:`JigsawVisionTransformer.encode`; prompts are no part of the result."""
        self._check(batch.modalities, 'modality', 0, 2, may_be_unknown=False)
        of_modality = self.modality_prompts[batch.modalities.to(x.device)]  # (B, L - 1, M, D)
        queries = self.instance_queries.expand(x.shape[0], -1, -1)  # (B, I, D)
        for layer, prompts in zip(self.layers[:-1], of_modality.unbind(1)):
            cls_token, patches = x[:, :1], x[:, 1:]
            prompts = self.prompt_dropout(self.prompt_proj(prompts))  # (B, M, D)
            of_image = self.instance_generator(torch.cat((queries, patches), dim=1))[:, : queries.shape[1]]  # (B, I, D)
            x = layer(torch.cat((cls_token, prompts, of_image, patches), dim=1))
            x = torch.cat((x[:, :1], x[:, -patches.shape[1] :]), dim=1)  # (B, 1+N, D)
        return x
