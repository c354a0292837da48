from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_map

from haresreid.config.config import load_config
from haresreid.engine.hooks.grad_cache_hook import GradCacheHook
from haresreid.models import (
    Criterion,
    HGAEHead,
    HierarchicalFeatureExtractor,
    ResNetEncoder,
    TwoStreamResNet,
    VIReID,
    WeightedRegularizedTripletLoss,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

CONFIGS = Path(__file__).parents[3] / 'configs/baselines'
TOLERANCE = 1e-9  # relative, in float64: only the order of additions differs


def make_model(encoder: type) -> VIReID:
    torch.manual_seed(0)
    losses = dict(wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed'))
    return VIReID(
        backbone=dict(
            type=HierarchicalFeatureExtractor,
            img_size=(96, 48),
            encoder=dict(type=encoder, depth=18, base_channels=8, pretrained=None),
        ),
        head=dict(type=HGAEHead, num_classes=6, stage_channels=(8, 16, 32, 64)),
        criterion=dict(type=Criterion, losses=losses),
    ).double()


def make_batch() -> tuple[torch.Tensor, list]:
    """Three people, two images each in both modalities; 12 is no multiple of 5 chunks."""
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=pid, modality=modality))
        for modality in (0, 1)
        for pid in (0, 3, 5)
        for _ in range(2)
    ]
    return torch.randn(12, 3, 96, 48, generator=torch.Generator().manual_seed(1), dtype=torch.float64), samples


def gradients(model: VIReID) -> tuple[float, dict[str, torch.Tensor]]:
    loss, _ = model.parse_losses(model(*make_batch(), mode='loss'))
    loss.backward()
    return loss.item(), {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize('encoder', [ResNetEncoder, TwoStreamResNet])
@pytest.mark.parametrize('chunks', [2, 5])
def test_gradients_are_those_of_the_whole_batch(encoder, chunks):
    model = make_model(encoder).eval()  # norms in evaluation: in training a chunk has statistics of its own
    loss, expected = gradients(model)
    model.zero_grad()
    hook, runner = GradCacheHook(chunks), SimpleNamespace(model=model)
    hook.before_train(runner)
    chunked_loss, found = gradients(model)
    assert chunked_loss == pytest.approx(loss, rel=TOLERANCE)
    assert set(found) == set(expected) and len(found) > 80
    for name, gradient in expected.items():
        assert (found[name] - gradient).norm() <= TOLERANCE * gradient.norm() + 1e-15, name
    hook.after_train(runner)
    assert 'extract_feat' not in vars(model)


@pytest.mark.parametrize('method', ['lba', 'x_modality', 'mmn', 'deen'])
def test_rows_that_a_part_adds_or_draws_are_the_same_again(method):
    """Against two chunks one after the other, nothing recomputed: LbA draws its partners from the image's own chunk."""
    cfg = load_config(str(CONFIGS / f'{method}_synth.py'), {'model.backbone.pretrained': None})
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double().train()
    images, samples = make_batch()
    batch = ReIDBatch.of(samples)
    torch.manual_seed(1)
    parts = [model.extract_feat(images[start::2], batch.take(torch.arange(start, 12, 2))) for start in (0, 1)]
    feats, rows = tree_map(lambda *values: torch.cat(values), *parts)
    expected, _ = model.parse_losses(model.criterion(model.head(feats, rows), rows))
    expected.backward()
    gradient = torch.cat([each.grad.flatten() for each in model.parameters() if each.grad is not None])
    model.zero_grad()
    GradCacheHook(2).before_train(SimpleNamespace(model=model))
    torch.manual_seed(1)
    loss, found = gradients(model)
    assert loss == pytest.approx(expected.item(), rel=TOLERANCE)
    assert (torch.cat([each.flatten() for each in found.values()]) - gradient).norm() <= TOLERANCE * gradient.norm()


def test_running_statistics_take_in_each_chunk_once():
    model = make_model(ResNetEncoder).train()
    norm = model.backbone.encoder.bn1
    seen = []
    handle = norm.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].detach()))
    GradCacheHook(3).before_train(SimpleNamespace(model=model))
    gradients(model)
    handle.remove()
    assert len(seen) == 6  # three chunks, computed twice
    mean = torch.zeros_like(norm.running_mean)
    for chunk in seen[:3]:
        mean = 0.9 * mean + 0.1 * chunk.mean((0, 2, 3))
    assert torch.allclose(norm.running_mean, mean, atol=TOLERANCE) and norm.num_batches_tracked == 3
    # the head is not cut up: its norm sees the batch as one
    assert model.head.bnneck.num_batches_tracked == 1
    assert all(module.momentum == 0.1 for module in model.modules() if isinstance(module, nn.BatchNorm2d))


def test_only_a_chunk_is_held_for_the_backward_pass():
    """What autograd keeps of the backbone between forward and backward: features, not activations."""

    def kept(model) -> int:
        held = {}

        def pack(tensor):
            held[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            model(*make_batch(), mode='loss')
        return sum(held.values())

    model = make_model(ResNetEncoder).train()
    whole = kept(model)
    GradCacheHook(3).before_train(SimpleNamespace(model=model))
    assert kept(model) < whole / 5


@pytest.mark.parametrize('chunks, refused', [(6, False), (7, True), (12, True), (13, True)])
def test_chunks_of_one_modality_are_refused(chunks, refused):
    model = make_model(ResNetEncoder).train()
    GradCacheHook(chunks).before_train(SimpleNamespace(model=model))
    if refused:
        with pytest.raises(ValueError, match=f'a batch of 12 images into {chunks} chunks'):
            gradients(model)
    else:
        gradients(model)


def test_less_than_one_chunk_is_refused():
    with pytest.raises(ValueError, match='must be 1 or more, not 0'):
        GradCacheHook(0)
