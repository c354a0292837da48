import copy

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.runner import load_checkpoint, save_checkpoint
from torch import nn

from haresreid.models import ConcatFusion, GeneralizedMeanPooling, TransformerEncoderStage
from haresreid.registry import MODELS

ABLATIONS = {
    'full': {},
    'id only': {'criterion.losses': ['id']},
    'id, hc-tri': {'criterion.losses': ['id', 'hc_tri']},
    'id, hc-tri, mmd': {'criterion.losses': ['id', 'hc_tri', 'mmd']},
    'supervised stages': {'criterion.losses.aux.feature': ['cls_1', 'cls_2', 'cls_3', 'cls_4', 'global_agg']},
    'B': {
        'backbone.fusion': dict(type=ConcatFusion),
        'head.add': False,
        'head.hgae': False,
        'criterion.losses': ['id', 'hc_tri', 'mmd'],
    },
    'CFFM': {'head.add': False, 'head.hgae': False, 'criterion.losses': ['id', 'hc_tri', 'mmd']},
    'CFFM, DSA': {'head.add': False, 'head.hgae': False, 'criterion.losses.aux.feature': 'cls_4'},
    'CFFM, DSA, ADD': {'head.hgae': False, 'criterion.losses.aux.feature': 'cls_4'},
    'CFFM, DSA, HGAE': {'head.add': False},
    'two heads': {'backbone.stage': dict(type=TransformerEncoderStage, num_heads=2)},
    'two layers': {'backbone.stage': dict(type=TransformerEncoderStage, num_layers=2)},
    'literal fusion': {'backbone.fused_width': 1},
    'norm and activation in CFFM, GeM': {
        'backbone.fusion.norm_cfg': dict(type='BN'),
        'backbone.fusion.act_cfg': dict(type='ReLU'),
        'head.pooling': dict(type=GeneralizedMeanPooling),
    },
    'concatenated head': {'head.combine': 'concat'},
}


def change(cfg: dict, changes: dict) -> dict:
    for path, value in changes.items():
        *parents, last = path.split('.')
        node = cfg
        for parent in parents:
            node = node[parent]
        node[last] = {name: node[last][name] for name in value} if last == 'losses' else value
    return cfg


def build(cfg: dict):
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.init_weights()
    return model


@pytest.mark.parametrize('name', ABLATIONS)
def test_every_ablation_trains_a_step(narrow_cfg, images, samples, name):
    model = build(change(narrow_cfg, ABLATIONS[name])).train()
    before = copy.deepcopy(model.state_dict())
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    log = model.train_step(dict(inputs=list(images), data_samples=samples), optimizer)
    assert set(log) == {'loss', 'acc_id', *(f'loss_{name}' for name in narrow_cfg['criterion']['losses'])}
    assert all(value.isfinite() for value in log.values())
    changed = [key for key, value in model.state_dict().items() if not torch.equal(value, before[key])]
    assert len(changed) > 100


def test_loss_does_not_depend_on_the_order_of_the_batch(narrow_cfg, images, samples):
    model = build(narrow_cfg).train()
    losses = model(images, samples, mode='loss')
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = model(images[order], [samples[i] for i in order], mode='loss')
    for key, value in losses.items():
        assert shuffled[key].item() == pytest.approx(value.item(), rel=1e-3, abs=1e-5)


def test_training_lowers_the_loss(narrow_cfg, images, samples):
    model = build(narrow_cfg).train()
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9))
    data = dict(inputs=list(images), data_samples=samples)
    log = [model.train_step(data, optimizer)['loss'].item() for _ in range(12)]
    assert log[-1] < 0.7 * log[0]


def test_modes(narrow_cfg, images, samples):
    model = build(narrow_cfg).eval()
    features = model(images)
    assert {key: value.size(1) for key, value in features.items()} == dict(
        cls_1=8, cls_2=16, cls_3=32, cls_4=64, patch_4=64, global_agg=64, embed=64, bn_embed=64, logits=6
    )
    predictions = model.val_step(dict(inputs=list(images), data_samples=samples))
    expected = features['bn_embed'][3] / features['bn_embed'][3].norm()
    assert torch.allclose(predictions[3].pred_feature, expected, atol=1e-5)
    assert predictions[3].pid == samples[3].pid
    with pytest.raises(ValueError, match="mode must be 'tensor', 'loss' or 'predict', not 'test'"):
        model(images, samples, mode='test')


def test_flip_test_is_blind_to_mirroring(narrow_cfg, images, samples):
    model = build(dict(narrow_cfg, flip_test=True)).eval()

    def predict(inputs):
        return torch.stack([sample.pred_feature for sample in model(inputs, samples, mode='predict')])

    with torch.no_grad():
        feature, mirrored = predict(images), predict(images.flip(-1))
    assert torch.allclose(feature, mirrored, atol=1e-5)
    assert torch.allclose(feature.norm(dim=1), torch.ones(len(samples)))


def test_bfloat16_autocast(narrow_cfg, images, samples):
    model = build(narrow_cfg).train()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses = model(images, samples, mode='loss')
    total, _ = model.parse_losses(losses)
    total.backward()
    assert all(value.dtype == torch.float32 and value.isfinite() for value in losses.values())
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters() if parameter.grad is not None)
    with torch.autocast('cpu', dtype=torch.bfloat16), torch.no_grad():
        assert model.eval()(images, samples, mode='predict')[0].pred_feature.dtype == torch.float32


def test_checkpoint_of_another_image_size_loads(narrow_cfg, tmp_path):
    small = build(narrow_cfg)
    save_checkpoint(dict(state_dict=small.state_dict()), str(tmp_path / 'small.pth'))
    narrow_cfg['backbone']['img_size'] = (128, 64)
    large = build(narrow_cfg)
    load_checkpoint(large, str(tmp_path / 'small.pth'), strict=True)
    images = torch.randn(1, 3, 128, 64)
    assert torch.allclose(small.eval()(images)['embed'], large.eval()(images)['embed'], atol=1e-5)


def test_images_of_different_sizes_are_refused(narrow_cfg, samples):
    model = build(narrow_cfg)
    data = dict(inputs=[torch.zeros(3, 96, 48), torch.zeros(3, 96, 64)], data_samples=samples[:2])
    with pytest.raises(ValueError, match=r'one size, but they have \[\(3, 96, 48\), \(3, 96, 64\)\]'):
        model.val_step(data)


def test_features_do_not_depend_on_what_only_training_needs(narrow_cfg, images):
    model = build(narrow_cfg).eval()
    features = model(images)
    training_only = [name for name in model.state_dict() if name.startswith(model.training_only())]
    assert training_only == ['head.classifier.weight']
    for name in training_only:
        nn.init.normal_(model.get_parameter(name))
    retrieval = model.head.retrieval_feature
    assert torch.equal(model(images)[retrieval], features[retrieval])
