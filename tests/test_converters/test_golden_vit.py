"""Vision transformers with converted weights against numbers that the official networks gave with the same weights."""

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.converters import from_official
from haresreid.models import VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

from .test_golden import CONFIGS, check, make_images, weight

TOLERANCE = 1e-4  # norms with an epsilon of 1e-5 in the place of 1e-6 give 6e-4
CAMERAS = (1, 4, 3, 6)  # 0, 3, 2, 5 in the file
SAMPLES = [ReIDDataSample(metainfo=dict(modality=row // 2, camid=camera)) for row, camera in enumerate(CAMERAS)]
BASELINE = ['embed', 'logits']
JIGSAW = ['global', *(f'local_{i}' for i in range(1, 5)), 'global_logits', *(f'logits_{i}' for i in range(1, 5))]
# the file -> the method, what differs from its config, and the features behind train_out0, ... and eval_out0, ...
FILES = {
    'pmt': ('pmt', {}, BASELINE, ['bn_embed']),
    'transreid_base_s16': ('vit', {}, BASELINE, ['embed', 'bn_embed']),
    'transreid_base_s12': ('vit', dict(stride=12), BASELINE, ['embed', 'bn_embed']),
    'transreid_sie_s16': ('vit', dict(num_cameras=6), BASELINE, ['embed', 'bn_embed']),
    'transreid_jpm_s16': ('transreid', dict(stride=16, num_modalities=0), JIGSAW, ['embed', 'bn_embed']),
    'transreid_full_s12': ('transreid', dict(num_cameras=6, num_modalities=0), JIGSAW, ['embed', 'bn_embed']),
}


def build(file: str, keys: dict) -> VIReID:
    method, changes, *_ = FILES[file]
    conversion = from_official(method, {name: weight(name, shape) for name, shape in keys.items()})
    assert conversion.overrides == {f'model.backbone.{name}': value for name, value in changes.items()}
    overrides = {'model.head.num_classes': conversion.num_classes, **conversion.overrides}
    cfg = load_config(str(CONFIGS / f'{method}.py'), overrides).model
    cfg.backbone.update(drop_rate=0.0, drop_path_rate=0.0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.load_state_dict(conversion.weights)
    return model


@pytest.mark.parametrize('file', FILES)
def test_equals_the_official_network(golden, file):
    """In training and in evaluation; rows are shuffled, since ours go by what is known of them, not by their place."""
    reference = golden(file)
    model = build(file, reference['keys']).train()
    before = {name: value.clone() for name, value in model.state_dict().items() if 'head.' in name}
    order = torch.tensor([2, 0, 3, 1])
    images, samples = make_images((256, 128))[order], [SAMPLES[row] for row in order]
    with torch.no_grad():
        trained = model(images, samples)
        model.load_state_dict(before, strict=False)  # the running statistics as they were
        tested = model.eval()(images, samples)
        ranked = torch.stack([sample.pred_feature for sample in model(images, samples, mode='predict')])
    expected = {f'train_out{i}': trained[name] for i, name in enumerate(FILES[file][2])}
    expected |= {f'eval_out{i}': tested[name] for i, name in enumerate(FILES[file][3])}
    assert reference.keys() == {*expected, 'keys'}
    if file == 'pmt':  # which is normalised before it is tested
        expected['eval_out0'] = F.normalize(expected['eval_out0'])
    for entry, output in expected.items():
        check(output[order.argsort()], reference[entry], entry, TOLERANCE)
    torch.testing.assert_close(ranked, F.normalize(tested[model.head.retrieval_feature]))
