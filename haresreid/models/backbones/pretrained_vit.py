"""Loading pretrained weights of a vision transformer, by timm's names or by MMPretrain's."""

from collections.abc import Mapping

from mmengine.logging import print_log
from torch import Tensor, nn

from haresreid.files.checkpoint_file import state_dict_of

from .pretrained import fetch_weights

__all__ = ['load_pretrained_vit', 'timm_names']

# what stands behind the last block of a classifier
NOT_OURS = ('head', 'fc.', 'fc_norm.', 'pre_logits.', 'dist_token', 'criterion.')
BLOCK = {
    'norm1.': 'ln1.',
    'attn.': 'attn.',
    'norm2.': 'ln2.',
    'mlp.fc1.': 'ffn.layers.0.0.',
    'mlp.fc2.': 'ffn.layers.1.',
}


def timm_names(num_layers: int) -> dict[str, str]:
    """Prefixes of parameter names: timm's -> MMPretrain's."""
    return {
        'cls_token': 'cls_token',
        'pos_embed': 'pos_embed',
        'patch_embed.proj.': 'patch_embed.projection.',
        **{
            f'blocks.{block}.{theirs}': f'layers.{block}.{ours}'
            for block in range(num_layers)
            for theirs, ours in BLOCK.items()
        },
        'norm.': 'ln1.',
    }


def load_pretrained_vit(model: nn.Module, source: str, added_parts: tuple[str, ...]) -> None:
    """Load pretrained weights into a vision transformer; its position embeddings are resized to the model's grid.

    Reads files with timm's names (``blocks.0.norm1.weight``, ...) and with MMPretrain's (``layers.0.ln1.weight``, ...),
    these also under ``backbone.``, as in checkpoints of haresreid. What a classifier has behind the last block is left
    out, and the log names it. A file that could run code is refused.

    Args:
        model (nn.Module): A :class:`ReIDVisionTransformer`.
        source (str): An http(s) address, or the path of a local file. Downloads go to the torch hub cache and are read
            from there when they are present.
        added_parts (tuple[str]): Substrings that identify the parameters the model has beyond a vision transformer;
            those keep their values.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If the file is damaged or holds another architecture.
    """
    path = fetch_weights(source)
    weights = _named_as_ours(state_dict_of(path), model.num_layers)
    own = {name: value for name, value in model.state_dict().items() if not any(part in name for part in added_parts)}
    left_out = [name for name in weights if name.startswith(NOT_OURS) or any(part in name for part in added_parts)]
    for name in [*own, *weights]:
        there, here = (tuple(each[name].shape) if name in each else 'missing' for each in (weights, own))
        resized = name == 'pos_embed' and 'missing' not in (here, there) and here[::2] == there[::2]
        if there != here and not resized and name not in left_out:
            raise ValueError(
                f'{path} holds another architecture than this vision transformer (parameter {name}: {there} in the '
                f'file, {here} in the model); set arch, patch_size and final_norm as in the file, or pretrained=None.'
            )
    before = model.grid_of(weights['pos_embed'])
    model.load_state_dict({name: weights[name] for name in own}, strict=False)
    notes = [f'without {", ".join(left_out)}'] if left_out else []
    if before != model.patch_resolution:
        notes.insert(0, 'positions resized from {} x {} to {} x {}'.format(*before, *model.patch_resolution))
    print_log(', '.join([f'Loaded {len(own)} pretrained weights from {path}', *notes]), logger='current')


def _named_as_ours(weights: Mapping[str, Tensor], num_layers: int) -> dict[str, Tensor]:
    """The entries by MMPretrain's names; those of other parts of a whole model are not there."""
    if any(name.startswith('backbone.') for name in weights):
        return {
            name.removeprefix('backbone.'): value for name, value in weights.items() if name.startswith('backbone.')
        }
    if 'blocks.0.norm1.weight' not in weights:
        return dict(weights)
    prefixes = timm_names(num_layers)
    theirs = {name: next((prefix for prefix in prefixes if name.startswith(prefix)), '') for name in weights}
    return {prefixes.get(prefix, '') + name.removeprefix(prefix): weights[name] for name, prefix in theirs.items()}
