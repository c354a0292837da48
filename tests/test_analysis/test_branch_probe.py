import math
from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch import nn

from haresreid.analysis import BranchProbe, held_at
from haresreid.models import ResNetEncoder
from haresreid.structures import ReIDBatch


def extract(backbone, images):
    """The features of visible images."""
    return backbone(images, ReIDBatch.unlabelled(torch.zeros(len(images), dtype=torch.long)))[0]


def slow_spread(outputs: list) -> float:
    """Standard deviation over root mean square, entry by entry in NumPy."""
    outputs = np.stack([output.detach().double().numpy() for output in outputs])
    return math.sqrt(outputs.var(axis=0).mean()) / math.sqrt((outputs**2).mean())


def slow_stream(tokens: list, images: int) -> dict:
    """Patch tokens (N, D) of every image, of its layers one after the other, in NumPy."""
    tokens = np.stack([each.detach().double().numpy() for each in tokens])  # (images * L, N, D)
    tokens = tokens.reshape(images, -1, *tokens.shape[1:])  # (images, L, N, D)
    rms = math.sqrt((tokens**2).mean())
    common = [
        np.mean([patch for image in tokens for patch in image[layer]], axis=0) for layer in range(tokens.shape[1])
    ]
    return dict(
        rms=rms, spread=math.sqrt(tokens.var(axis=0).mean()) / rms, common=math.sqrt(np.mean(np.square(common))) / rms
    )


def slow_stages(backbone, images) -> list[dict]:
    """Every image alone, layer by layer, each attention matrix row by row."""
    seen = [{} for _ in range(4)]

    def keep(stage, name, value):
        seen[stage].setdefault(name, []).append(value)

    for image in images.split(1):
        local = fused = image
        for stage, (transformer, fusion) in enumerate(zip(backbone.transformers, backbone.fusions)):
            local = backbone.encoder.forward_stage(local, stage, None)
            patches = transformer.patch_embed(fused) + transformer.patch_pos
            z = torch.cat((transformer.cls_token + transformer.cls_pos, patches.flatten(2).transpose(1, 2)), dim=1)
            keep(stage, 'tokens', z[0, 1:])
            for layer in transformer.layers:
                y = layer.norm1(z)
                keep(stage, 'normed', y[0, 1:])
                q, k, _ = layer.attention.qkv(y)[0].split(y.shape[-1], dim=-1)  # (N+1, D)
                width = q.shape[-1] // layer.attention.num_heads
                for head in range(layer.attention.num_heads):
                    part = slice(head * width, (head + 1) * width)
                    for row, query in enumerate(q[:, part].double()):
                        weights = (k[:, part].double() @ query / math.sqrt(width)).softmax(0)
                        entropy = -(weights * weights.log()).sum().item() / math.log(len(weights))
                        keep(stage, 'patch_entropy' if row else 'cls_entropy', entropy)
                        if row == 0:
                            keep(stage, 'cls_self_weight', weights[0].item())
                branch = layer.attention(y)
                keep(stage, 'attention', branch[0, 1:])
                z = z + branch
                branch = layer.mlp(layer.norm2(z))
                keep(stage, 'mlp', branch[0, 1:])
                z = z + branch
            cls, patch_map = transformer(fused)
            fused = fusion(local, patch_map)
            for name, value in (
                ('cls_spread', cls),
                ('patch_mean_spread', patch_map.mean((2, 3))),
                ('patch_spread', patch_map),
                ('fused_spread', fused),
            ):
                keep(stage, name, value[0])
    return [
        {
            name: slow_spread(values)
            if name.endswith('spread')
            else np.mean(values)
            if isinstance(values[0], float)
            else slow_stream(values, len(images))
            for name, values in stage.items()
        }
        for stage in seen
    ]


@torch.no_grad()
def test_numbers_are_those_of_a_slow_reference_over_several_batches(model, images):
    expected = slow_stages(model.backbone, images)
    with BranchProbe(model.backbone) as probe:
        for batch in images.split((4, 2)):
            extract(model.backbone, batch)
    for stage, slow in zip(probe.stages(), expected):
        for name, value in asdict(stage).items():
            assert value == pytest.approx(slow[name], rel=1e-4), name


def test_it_changes_nothing_and_leaves_nothing_behind(model, images):
    before = extract(model.backbone, images)
    with BranchProbe(model.backbone) as probe:
        watched = extract(model.backbone, images)
    assert torch.equal(before.fused, watched.fused)
    count = probe.records[0].cls.count
    extract(model.backbone, images)
    assert probe.records[0].cls.count == count == len(images)


@torch.no_grad()
def test_a_planted_constant_has_no_spread_and_the_others_keep_theirs(model, images):
    nn.init.zeros_(model.backbone.transformers[2].norm.weight)
    nn.init.ones_(model.backbone.transformers[2].norm.bias)
    with BranchProbe(model.backbone) as probe:
        extract(model.backbone, images)
    stages = probe.stages()
    assert stages[2].cls_spread == stages[2].patch_spread == 0
    assert min(stages[1].cls_spread, stages[1].patch_spread, stages[2].fused_spread, stages[3].patch_spread) > 0.02


@torch.no_grad()
def test_what_all_patches_have_in_common_is_told_from_what_differs(model, images):
    attention = model.backbone.transformers[1].layers[0].attention
    attention.proj.bias.fill_(1000)
    model.backbone.transformers[2].layers[0].mlp[2].weight.zero_()
    model.backbone.transformers[2].layers[1].mlp[2].weight.zero_()
    with BranchProbe(model.backbone) as probe:
        extract(model.backbone, images)
    stages = probe.stages()
    assert stages[1].attention.common > 0.99 and stages[1].attention.spread < 0.01 < stages[0].attention.spread
    assert stages[2].mlp.rms == stages[2].mlp.spread == stages[2].mlp.common == 0


@torch.no_grad()
def test_a_class_token_that_looks_only_at_itself_is_seen(model, images):
    transformer = model.backbone.transformers[1]
    for layer in transformer.layers:
        queries_and_keys = layer.attention.qkv.weight[: 2 * transformer.cls_token.shape[-1]]
        nn.init.eye_(queries_and_keys[:16])
        queries_and_keys[16:] = 20 * queries_and_keys[:16]
    transformer.cls_token[..., 0] = 50
    with BranchProbe(model.backbone) as probe:
        extract(model.backbone, images)
    stage = probe.stages()[1]
    assert stage.cls_self_weight > 0.4 and stage.cls_entropy < 0.2


@pytest.mark.parametrize('held', [dict(cls_tokens=True), dict(patch_maps=True), dict(cls_tokens=True, patch_maps=True)])
@torch.no_grad()
def test_held_at_the_mean_is_replacing_by_hand(model, images, held):
    backbone = model.backbone
    with BranchProbe(backbone) as probe:
        extract(backbone, images)
    outputs = [[], []]  # class tokens and patch maps by stage
    for transformer in backbone.transformers:
        transformer.register_forward_hook(
            lambda _, __, pair: [kept.append(x) for kept, x in zip(outputs, pair)] and None
        )
    extract(backbone, images)

    local, fused, tokens = images, images, []
    for stage in range(4):
        local = backbone.encoder.forward_stage(local, stage, None)
        cls, patch_map = backbone.transformers[stage](fused)
        if held.get('cls_tokens'):
            cls = outputs[0][stage].mean(0, keepdim=True).expand_as(cls)
        if held.get('patch_maps'):
            patch_map = outputs[1][stage].mean(0, keepdim=True).expand_as(patch_map)
        fused = backbone.fusions[stage](local, patch_map)
        tokens.append(cls)

    with held_at(backbone, probe.means(), **held):
        feats = extract(backbone, images)
    assert torch.allclose(feats.fused, fused, atol=1e-4)
    assert all(torch.allclose(ours, by_hand, atol=1e-4) for ours, by_hand in zip(feats.cls_tokens, tokens))
    assert not torch.allclose(
        extract(backbone, images).cls_tokens[0] if 'cls_tokens' in held else extract(backbone, images).fused,
        tokens[0] if 'cls_tokens' in held else fused,
        atol=1e-2,
    )  # and nothing stays held


def test_a_model_without_transformers_is_refused():
    with pytest.raises(ValueError, match='HAResformer.*ResNetEncoder'):
        BranchProbe(ResNetEncoder(depth=18, base_channels=8))
