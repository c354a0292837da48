"""The correspondence between official parameters and ours: one table per method."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import torch
from torchvision.models import resnet50

from haresreid.models.backbones.pretrained.formats.timm import BLOCK, timm_names

__all__ = ['DEEN_REGDB', 'METHODS', 'Rules']

PARTS = ('conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4')


@dataclass(frozen=True)
class Rules:
    """How the parameters of one method's official network are named.

    Attributes:
        title (str): The method's name.
        used (dict[str, str]): Prefixes of parameter names: the official one -> ours.
        unused (dict[str, str]): Prefixes of parameters that the official file holds but the network never uses -> the
            prefixes of those that take their place in a file made for the official code.
        why_unused (str): The reason.
        unused_shapes (Mapping[str, tuple[int, ...]]): Names of further parameters that the network never uses, which
            have no counterpart: their shapes. They are zero in a file made for the official code.
        matrices (tuple[str, ...]): Official parameters that are matrices, and ours are point-wise convolutions.
        classifier (str): The official name of the weight with one row per identity.
    """

    title: str
    used: dict[str, str]
    classifier: str
    unused: dict[str, str]
    why_unused: str = ''
    unused_shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    matrices: tuple[str, ...] = ()


def _streams(num_specific: int) -> dict[str, str]:
    """Rules of a ResNet whose first ``num_specific`` parts are specific: 1 is the stem, 2 also layer1, and so on."""
    specific, shared = PARTS[: num_specific + 1], PARTS[num_specific + 1 :]
    return {
        **{f'visible_module.visible.{part}.': f'backbone.{part}.' for part in specific},
        **{f'thermal_module.thermal.{part}.': f'backbone.infrared.{part}.' for part in specific},
        **{f'base_resnet.base.{part}.': f'backbone.{part}.' for part in shared},
    }


# stage -> the residual blocks that a non-local block follows
NON_LOCAL = {
    f'NL_{stage}.{index}.{theirs}.': f'backbone.layer{stage}.non_local_{block}.{ours}.'
    for stage, blocks in {2: (2, 3), 3: (3, 4, 5)}.items()
    for index, block in enumerate(blocks)
    for theirs, ours in {'theta': 'theta', 'phi': 'phi', 'g.0': 'g', 'W.0': 'out.0', 'W.1': 'out.1'}.items()
}
BNNECK = {'bottleneck.': 'head.bnneck.', 'classifier.': 'head.classifier.'}
PART_ATTENTION = {
    'wpa.gate': 'head.part_attention.gate',
    'wpa.fc1.0.': 'head.part_attention.query.',
    'wpa.fc2.': 'head.part_attention.key.',
    'wpa.fc3.': 'head.part_attention.value.',
    'wpa.bottleneck.': 'head.part_attention.norm.',
}
GRAPH_ATTENTION = {
    **{f'attention_{head}.': f'head.graph_attention.heads.{head}.' for head in range(4)},
    'out_att.': 'head.graph_attention.out.',
}
MIDDLE_MODALITY = {
    **{
        f'{theirs}{number}.': f'generator.{modality}.{layer}.'
        for number, modality in {1: 'visible', 2: 'infrared'}.items()
        for theirs, layer in {'encode': 0, 'fc': 2, 'bn': 4}.items()
    },
    'decode.': 'generator.decoder.0.',
}
BNNECK_STRIPES = {
    f'{theirs}{stripe + 1}.': f'head.{ours}.{stripe}.'
    for theirs, ours in {'bottleneck': 'bnnecks', 'classifier': 'classifiers'}.items()
    for stripe in range(4)
}
# DEEN's parts: an official layer -> ours
LEVEL_AGGREGATION = {
    f'MFA{stage}.{theirs}NL.{layer}': f'backbone.aggregations.{stage - 1}.{ours}.{layer.replace("W", "out")}'
    for stage in (1, 2, 3)
    for theirs, ours in {'C': 'channels', 'P': 'positions'}.items()
    for layer in ('g.', 'theta.', 'phi.', 'W.')
}
EXPANSION = {
    f'DEE.FC{branch}{theirs}.': f'backbone.expansion.branches.{branch - 1}.{ours}.'
    for branch in (1, 2)
    for theirs, ours in {1: 'dilated.0', 2: 'dilated.1', 3: 'dilated.2', '': 'out'}.items()
}
STRIPES = {
    **{f'local_conv_list.{stripe}.': f'neck.stripes.{stripe}.' for stripe in range(6)},
    **{f'fc_list.{stripe}.': f'head.classifiers.{stripe}.' for stripe in range(6)},
}
# DFLN-ViT: its networks, the tokens and gates of their stages, and its stripes
DFLN_STREAMS = {
    'visible': ('visible_net.visible.', 'backbone.'),
    'infrared': ('thermal_net.thermal.', 'backbone.infrared.'),
}
DFLN_LAYER = {
    '0.norm.': 'norm1.',
    '0.fn.to_qkv.': 'qkv.',
    '0.fn.to_out.0.': 'proj.',
    '1.norm.': 'norm2.',
    '1.fn.net.': 'mlp.',
}
DFLN_ENHANCEMENT = {
    'pos_embedding': 'positions',
    'patch_embedding.': 'patches.',
    **{f'transformer.layers.0.{theirs}': f'layer.{ours}' for theirs, ours in DFLN_LAYER.items()},
}
DFLN_VIT = {
    **{f'{theirs}{part}.': f'{ours}{part}.' for theirs, ours in DFLN_STREAMS.values() for part in PARTS},
    **{
        f'{theirs.split(".")[0]}.{module}{stage}.{layer}': f'backbone.{kind}.{stream}.{stage - 1}.{ours}'
        for stream, (theirs, _) in DFLN_STREAMS.items()
        for module, kind in {'att': 'tokens', 'attc': 'gates'}.items()
        for stage in range(1, 5)
        for layer, ours in DFLN_ENHANCEMENT.items()
        if (kind, ours) != ('gates', 'patches.')
    },
    **{f'feature{stripe + 1}.feat_block.': f'neck.stripes.{stripe}.' for stripe in range(6)},
    **{f'classifier{stripe + 1}.classifier.1.': f'head.classifiers.{stripe}.' for stripe in range(6)},
}
DFLN_CLASSIFIERS = {
    f'{theirs}fc.{name}': shape
    for theirs, _ in DFLN_STREAMS.values()
    for name, shape in {'weight': (1000, 2048), 'bias': (1000,)}.items()
}
# a network on the code of the "strong baseline" of person re-identification
BASE = {f'base.{part}.': f'backbone.{part}.' for part in PARTS}
X_GENERATOR = {'generate1.': 'generator.encoder.', 'generate2.': 'generator.decoder.'}

# TransReID, and networks on its code: timm's names under ``base.``
VIT = {f'base.{theirs}': f'backbone.{ours}' for theirs, ours in timm_names(12).items()}
# with the jigsaw patch module: copies of the last block and norm, in whose place stand b1 for all tokens, b2 for parts
JIGSAW = {
    **{f'base.{theirs}': f'backbone.{ours}' for theirs, ours in timm_names(11).items() if theirs != 'norm.'},
    **{
        f'{branch}.0.{theirs}': f'backbone.{place}.{ours}'
        for branch, place in {'b1': 'layers.11', 'b2': 'local.0'}.items()
        for theirs, ours in BLOCK.items()
    },
    'b1.1.': 'backbone.ln1.',
    'b2.1.': 'backbone.local.1.',
}
BNNECK_JIGSAW = {
    f'{theirs}{f"_{part}" if part else ""}.': f'head.{ours}.{part}.'
    for theirs, ours in {'bottleneck': 'bnnecks', 'classifier': 'classifiers'}.items()
    for part in range(5)
}
VIT_CLASSIFIER = {'base.fc.weight': (1000, 768), 'base.fc.bias': (1000,)}
CLASSIFIER_WHY = "the classifier of ImageNet's 1000 classes is never called"
JIGSAW_UNUSED = {'base.blocks.11.': 'b1.0.', 'base.norm.': 'b1.1.'}

AGW_UNUSED = {
    **{
        f'{module}.{layer}.': f'base_resnet.base.{layer}.'
        for module in ('visible_module.visible', 'thermal_module.thermal')
        for layer in PARTS[2:]
    },
    **{f'base_resnet.base.{part}.': f'visible_module.visible.{part}.' for part in PARTS[:2]},
}
AGW_WHY = 'each of three modules keeps a whole ResNet-50, of which the stems run conv1 and bn1 and the base layer1-4'
# what DDAG's file holds beside that -> parameters of the same shapes
DDAG_UNUSED = {
    'classifier1.': 'classifier.',
    'classifier2.': 'classifier.',
    'wpa.W.0.': 'wpa.fc3.',
    'wpa.W.1.': 'wpa.bottleneck.',
}
DDAG_WHY = f'{AGW_WHY}; classifier1, classifier2 and wpa.W are never called'

MPANET = {
    **{f'backbone.{part}.': f'backbone.{part}.' for part in PARTS},
    **{
        f'backbone.MAM{stage}.channel_attention.{theirs}.': f'backbone.layer{stage}.plugin.gate.{ours}.'
        for stage in (3, 4)
        for theirs, ours in {0: 1, 2: 3}.items()
    },
    'spatial_attention.': 'head.masks.',
    'bn_neck.': 'head.bnneck.',
    'classifier.': 'head.classifier.',
    **{
        f'{modality}_classifier{theirs}.weight': f'head.modality_classifiers.{modality}{ours}'
        for modality in ('visible', 'infrared')
        for theirs, ours in {'': '.weight', '_': '_mean'}.items()
    },
}

# the norms of CM-NAS's ResNet-50: our name -> the official one
CM_NAS_NORMS = {
    'bn1': 'bn1',
    **{
        f'layer{stage}.{block}.bn{norm}': f'layer{stage}.{block}.bn{norm}'
        for stage, blocks in enumerate((3, 4, 6, 3), start=1)
        for block in range(blocks)
        for norm in (1, 2, 3)
    },
    **{f'layer{stage}.0.downsample.1': f'layer{stage}.0.downsample.bn' for stage in (1, 2, 3, 4)},
}
CM_NAS_WHY = 'every norm is there in three forms, of which this pattern uses one, or one for each modality'


def _cm_nas(title: str, separate: Collection[str]) -> Rules:
    """Rules of CM-NAS's network with these norms separate. A file holds every norm in three forms."""
    used, unused = {}, {}
    for ours, theirs in CM_NAS_NORMS.items():
        visible, infrared, shared = (f'backbone.{theirs}.{form}_bn.' for form in ('visible', 'thermal', 'sharable'))
        if ours in separate:
            used |= {visible: f'backbone.{ours}.', infrared: f'backbone.{ours}.infrared.'}
            unused[shared] = visible
        else:
            used[shared] = f'backbone.{ours}.'
            unused |= {visible: shared, infrared: shared}
    for stage in (1, 2, 3, 4):
        used[f'backbone.layer{stage}.0.downsample.conv.'] = f'backbone.layer{stage}.0.downsample.0.'
    neck = {'bnneck.': 'head.bnneck.', 'classifier.': 'head.classifier.'}
    return Rules(
        f'CM-NAS, {title}', {'backbone.': 'backbone.', **used, **neck}, 'classifier.weight', unused, CM_NAS_WHY
    )


METHODS = {
    'agw': Rules('AGW', {**_streams(1), **NON_LOCAL, **BNNECK}, 'classifier.weight', AGW_UNUSED, AGW_WHY),
    'caj': Rules('CAJ', {**_streams(1), **NON_LOCAL, **BNNECK}, 'classifier.weight', AGW_UNUSED, AGW_WHY),
    'cm_nas_separate': _cm_nas('all norms separate', CM_NAS_NORMS),
    'cm_nas_shared': _cm_nas('all norms shared', ()),
    'cm_nas_stem': _cm_nas("stem's norm separate", ('bn1',)),
    'ddag': Rules(
        'DDAG',
        {**_streams(1), **BNNECK, **PART_ATTENTION, **GRAPH_ATTENTION},
        'classifier.weight',
        {**AGW_UNUSED, **DDAG_UNUSED},
        DDAG_WHY,
    ),
    'deen': Rules(
        'DEEN', {**_streams(1), **LEVEL_AGGREGATION, **EXPANSION, **BNNECK}, 'classifier.weight', AGW_UNUSED, AGW_WHY
    ),
    'dfln_vit': Rules(
        'DFLN-ViT',
        DFLN_VIT,
        'classifier1.classifier.1.weight',
        {},
        CLASSIFIER_WHY,
        DFLN_CLASSIFIERS,
        tuple(f'feature{stripe + 1}.feat_block.0.weight' for stripe in range(6)),
    ),
    'hc_tri': Rules('HC-Tri', {**_streams(2), **STRIPES}, 'fc_list.0.weight', {}),
    'lba': Rules('LbA', {**_streams(1), **BNNECK}, 'classifier.weight', AGW_UNUSED, AGW_WHY),
    'mmd_reid': Rules('MMD-ReID', {**_streams(3), **BNNECK}, 'classifier.weight', {}),
    'mmn': Rules(
        'MMN', {**_streams(1), **MIDDLE_MODALITY, **BNNECK_STRIPES}, 'classifier1.weight', AGW_UNUSED, AGW_WHY
    ),
    'mpanet': Rules('MPANet', MPANET, 'classifier.weight', {}),
    'pmt': Rules('PMT', {**VIT, **BNNECK}, 'classifier.weight', {}),
    'transreid': Rules(
        'TransReID',
        {**JIGSAW, **BNNECK_JIGSAW},
        'classifier.weight',
        JIGSAW_UNUSED,
        f'b1 and b2 stand in the place of the last block and norm; {CLASSIFIER_WHY}',
        VIT_CLASSIFIER,
    ),
    'vit': Rules('ViT baseline', {**VIT, **BNNECK}, 'classifier.weight', {}, CLASSIFIER_WHY, VIT_CLASSIFIER),
    'x_modality': Rules('X-modality', {**BASE, **BNNECK, **X_GENERATOR}, 'classifier.weight', {}),
}

# DEEN's network for RegDB has no third aggregation and never runs layer4
with torch.device('meta'):
    LAYER4 = {name: tuple(value.shape) for name, value in resnet50().layer4.state_dict().items()}
DEEN_REGDB = Rules(
    'DEEN for RegDB',
    {
        theirs: ours
        for theirs, ours in METHODS['deen'].used.items()
        if not theirs.startswith(('MFA3.', 'base_resnet.base.layer4.'))
    },
    'classifier.weight',
    {theirs: ours for theirs, ours in AGW_UNUSED.items() if not theirs.endswith('layer4.')},
    f'{AGW_WHY}; for RegDB layer1-3',
    {
        f'{module}.layer4.{name}': shape
        for module in ('visible_module.visible', 'thermal_module.thermal', 'base_resnet.base')
        for name, shape in LAYER4.items()
    },
)
