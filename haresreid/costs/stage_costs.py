"""The cost of each stage of HAResformer on one image (Table V gives the cost of all stages together)."""

import torch

from haresreid.models import VIReID, stages_of
from haresreid.structures import Modality, ReIDBatch

from .complexity import Cost, count_flops, layer_costs, sum_by_part

__all__ = ['PARTS', 'UNCOUNTED', 'stage_costs']

HEAD = 'head'
PARTS = ('RE', 'TE', 'CFFM')
UNCOUNTED = "left out by the paper's rule"


def stage_costs(model: VIReID, size: tuple[int, int]) -> dict[str, dict[str, Cost]]:
    """Cost of one visible image, by stage and part.

    'RE', 'TE' and 'CFFM' are counted by the paper's rule, :func:`layer_costs`. What that rule leaves out is listed
    separately: the matrix products inside attention and the class token and positions of each stage, and the head.

    Args:
        model (VIReID): HAResformer. It is moved to the meta device, so build a model for this purpose only.
        size (tuple[int, int]): Image (height, width).

    Returns:
        dict[str, dict[str, Cost]]: 'S1' to 'S4' and 'head' -> part -> cost.

    Raises:
        ValueError: If the model has no stages of these three parts.
    """
    backbone = model.backbone
    if not {'RE1', 'TE1', 'CFFM1'} <= stages_of(backbone).keys():
        raise ValueError(f'The cost per stage is of HAResformer, and this model has a {type(backbone).__name__}.')
    model.to('meta').eval()  # shapes only: nothing is computed
    image = torch.empty(1, 3, *size, device='meta')
    visible = ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))
    counted = sum_by_part(layer_costs(backbone, image, visible))
    products = _attention_products(backbone, image, visible)
    stages = {}
    for index, (layer, transformer) in enumerate(zip(backbone.encoder.res_layers, backbone.transformers)):
        stem = [f'encoder.{name}' for name in ('conv1', 'bn1', 'relu', 'maxpool')] if index == 0 else []
        te = counted[f'transformers.{index}']
        stages[f'S{index + 1}'] = {
            'RE': sum((counted[name] for name in [*stem, f'encoder.{layer}']), Cost()),
            'TE': te,
            'CFFM': counted.get(f'fusions.{index}', Cost()),  # a fusion without parameters executes no layer
            UNCOUNTED: Cost(products[index], sum(p.numel() for p in transformer.parameters()) - te.params),
        }
    model.flip_test = False  # one image, without its mirror image
    whole = count_flops(model.embed, image, visible)
    head = Cost((whole - count_flops(backbone, image, visible)) // 2, sum(p.numel() for p in model.head.parameters()))
    return {**stages, HEAD: {UNCOUNTED: head}}


def _attention_products(backbone, *inputs: torch.Tensor) -> list[int]:
    """Multiply-accumulates of the products inside attention, by stage."""
    taken = []
    handles = [
        transformer.register_forward_pre_hook(lambda _, args: taken.append(args[0]))
        for transformer in backbone.transformers
    ]
    try:
        with torch.no_grad():
            backbone(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    products = []
    for transformer, x in zip(backbone.transformers, taken):
        norms = {name for name, module in transformer.named_modules() if isinstance(module, torch.nn.LayerNorm)}
        layers = sum(cost.macs for name, cost in layer_costs(transformer, x).items() if name not in norms)
        products.append(count_flops(transformer, x) // 2 - layers)
    return products
