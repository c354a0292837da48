"""Hi-CMD's encoders, decoder, discriminators and head against numbers that the official code gave.

No checkpoint of it was looked for, so the names of its parameters are translated here alone.
"""

import re
from typing import Any

import torch

from haresreid.config.config import load_config
from haresreid.models import DisentanglingVIReID
from haresreid.models.generators import in_the_other_modality
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .test_golden import CONFIGS, check, make_images, weight

# from the name of a parameter there to its name here; their part numbers count convolutions, ours all layers
RULES: tuple[tuple[str, Any], ...] = (
    (r'^gen_visible\.enc_att\.model\.', 'backbone.'),
    (r'^gen_infrared\.enc_att\.model\.', 'backbone.infrared.'),
    (r'^gen_(\w+)\.enc_pro\.', r'backbone.prototype_encoders.\1.'),
    (r'\.model(.)\.(.)\.conv\.', lambda part: f'.stem.{2 * int(part[1]) - 2 + int(part[2])}.0.'),
    (r'\.model3\.0\.model\.(.)\.model\.(.)\.conv\.', lambda part: f'.blocks.{part[1]}.{3 * int(part[2])}.'),
    (r'\.model3\.1\.conv1\.conv\.', '.point.0.'),
    (r'\.model3\.1\.conv(6|12|18)\.(.)\.conv\.', lambda part: f'.dilated.{int(part[1]) // 6 - 1}.{part[2]}.0.'),
    (r'\.model3\.1\.fuse\.conv\.', '.fuse.0.'),
    (r'^gen_visible\.dec\.', 'generator.decoder.'),
    (r'\.model\.0\.model\.(.)\.model\.(.)\.conv\.', r'.blocks.\1.\2.'),
    (r'\.model\.([24])\.conv\.', lambda part: f'.to_image.{2 * int(part[1]) - 3}.'),
    (r'\.model\.([24])\.norm\.', lambda part: f'.to_image.{2 * int(part[1]) - 2}.'),
    (r'\.model\.([567])\.conv\.', lambda part: f'.to_image.{2 * int(part[1]) - 2}.'),
    (r'\.gamma$', '.weight'),
    (r'\.beta$', '.bias'),
    (r'\.mlp_w(.)\.model\.(.)\.fc\.', lambda part: f'.stds.{int(part[1]) - 1}.{2 * int(part[2])}.'),
    (r'\.mlp_b(.)\.model\.(.)\.fc\.', lambda part: f'.means.{int(part[1]) - 1}.{2 * int(part[2])}.'),
    (r'^backbone_pro\.model\.', 'backbone.prototype_stages.'),
    (r'^combine_weight\.multp$', 'head.proportion'),
    (r'^id_classifier\.classifier\.add_block\.', 'head.bottleneck.'),
    (r'^id_classifier\.classifier\.add_block2\.0\.', 'head.embedding.'),
    (r'^id_classifier\.classifier\.classifier\.0\.', 'head.classifier.'),
    (r'^dis_(\w+)\.cnns\.', r'discriminators.\1.scales.'),
    (r'(scales\..)\.([0-4])\.conv\.', lambda part: f'{part[1]}.{2 * int(part[2])}.'),
    (r'(scales\..)\.([5-8])\.model\.(.)\.conv\.', lambda part: f'{part[1]}.{int(part[2]) + 5}.{2 * int(part[3])}.'),
    (r'(scales\..)\.9\.', r'\1.14.'),
)
# layers of a ResNet that no forward pass uses, and statistics that no adaptive norm uses
UNUSED = r'\.model\.fc\.|^backbone_pro\.model\.(conv1|bn1|layer1|layer4)\.|\.norm\.running_'
BATCH = ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([0, 0, 1, 1]))


def build(keys: dict) -> DisentanglingVIReID:
    translated = {}
    for name, shape in keys.items():
        if not re.search(UNUSED, name):
            ours = name.replace('_RGB', '_visible').replace('_IR', '_infrared')
            for theirs, replacement in RULES:
                ours = re.sub(theirs, replacement, ours)
            translated[ours] = torch.tensor(0.5) if ours == 'head.proportion' else weight(name, shape)
    cfg = load_config(str(CONFIGS / 'hicmd.py')).model
    cfg.head.update(num_classes=296, dropout=0.0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.load_state_dict(translated)
    return model.train()


def test_equals_the_official_networks(golden):
    reference = golden('hicmd')
    model = build(reference['keys'])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    images, there = make_images((256, 128)), in_the_other_modality(BATCH)
    with torch.no_grad():
        features = model._features(images, BATCH)
        prototypes, attributes = codes = model.backbone.encode(images, BATCH)
        drawn = model.generator.exchange(images, BATCH, lambda *_: codes)['exchanged']
        scores = model._judge('real', images, BATCH)
        model.load_state_dict(before)
        tested = model.eval()._features(images, BATCH)['embed']

    # the reference's rows: what is drawn in visible light before what is drawn in infrared
    visible_first = torch.cat([there.rows_of(modality) for modality in Modality])
    outputs = dict(
        train_out0=features['embed'],
        train_out1=features['logits'],
        train_out2=features['embedding'],
        train_out3=attributes,
        train_out4=prototypes,
        train_out5=drawn[visible_first],
        **{f'train_out{5 + scale}': scores[f'real_scale_{scale}'] for scale in (1, 2, 3)},
        eval_out0=tested,
    )
    assert reference.keys() == {*outputs, 'keys'}
    for name, output in outputs.items():
        check(output.flatten(1), reference[name], name, 1e-4 if name == 'eval_out0' else 1e-3)
