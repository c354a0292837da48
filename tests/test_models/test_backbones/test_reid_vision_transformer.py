"""The vision transformer against one written out, and what it does with cameras, modalities and grids."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.engine.optimizers import LearningRateDecayOptimWrapperConstructor
from torch import nn

from haresreid.models import ReIDVisionTransformer, VIReID
from haresreid.structures import ReIDBatch

NARROW = dict(embed_dims=24, num_layers=3, num_heads=2, feedforward_channels=48)
CAMERAS, MODALITIES = torch.tensor([2, 4, 1]), torch.tensor([0, 1, 1])
BATCH = ReIDBatch.unlabelled(MODALITIES)._replace(cameras=CAMERAS)


def build(**options) -> ReIDVisionTransformer:
    """Narrow, for 64 x 32 images, in evaluation mode; all parameters are large enough to matter."""
    torch.manual_seed(0)
    model = ReIDVisionTransformer(**{**dict(arch=NARROW, img_size=(64, 32), patch_size=8, stride=8), **options})
    model.init_weights()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    model.eval()
    return model


def images(height: int = 64, width: int = 32) -> torch.Tensor:
    return torch.randn(3, 3, height, width, generator=torch.Generator().manual_seed(1))


def written_out(model, x, patch, stride, side, norm=True):
    """From the facts: patch by patch, position by position, head by head."""
    weight, bias = model.patch_embed.projection.weight, model.patch_embed.projection.bias
    tokens = [model.cls_token.expand(len(x), -1, -1)[:, 0]]
    for top in range(0, x.shape[2] - patch + 1, stride):
        for left in range(0, x.shape[3] - patch + 1, stride):
            pixels = x[:, :, top : top + patch, left : left + patch].flatten(1)
            tokens.append(pixels @ weight.flatten(1).T + bias)
    x = torch.stack(tokens, dim=1) + model.pos_embed + side
    for layer in model.layers:
        heads = []
        q, k, v = layer.attn.qkv(layer.ln1(x)).chunk(3, dim=2)
        for channels in range(0, 24, 12):
            one, other, value = (each[:, :, channels : channels + 12] for each in (q, k, v))
            heads.append((one @ other.transpose(1, 2) / 12**0.5).softmax(dim=2) @ value)
        x = x + layer.attn.proj(torch.cat(heads, dim=2))
        mlp = layer.ffn.layers
        x = x + mlp[1](F.gelu(mlp[0][0](layer.ln2(x))))
    return F.layer_norm(x, (24,), model.ln1.weight, model.ln1.bias, 1e-6) if norm else x


@pytest.mark.parametrize(
    'options, grid',
    [
        (dict(), (8, 4)),
        (dict(stride=6), (10, 5)),
        (dict(num_cameras=4), (8, 4)),
        (dict(num_modalities=2, side_weight=0.7), (8, 4)),
        (dict(num_cameras=4, num_modalities=2, stride=5), (12, 5)),
    ],
)
def test_equals_the_one_written_out(options, grid):
    model = build(**options)
    side = 0
    if 'num_cameras' in options:
        side = side + options.get('side_weight', 3.0) * model.camera_embed[CAMERAS - 1]
    if 'num_modalities' in options:
        side = side + options.get('side_weight', 3.0) * model.modality_embed[MODALITIES]
    with torch.no_grad():
        (tokens,), batch = model(images(), BATCH)
        expected = written_out(model, images(), 8, options.get('stride', 8), side)
    assert batch is BATCH and model.patch_resolution == grid
    assert tokens.shape == (3, 1 + grid[0] * grid[1], 24)
    torch.testing.assert_close(tokens, expected, rtol=1e-4, atol=1e-5)


def test_tokens_before_the_last_norm():
    model = build()
    after = model(images(), BATCH)[0][0]
    model.final_norm = False
    before = model(images(), BATCH)[0][0]
    torch.testing.assert_close(before, written_out(model, images(), 8, 8, 0, norm=False), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(model.ln1(before), after)
    assert not hasattr(build(final_norm=False), 'ln1')


@pytest.mark.parametrize(
    'size, stride, grid',
    [
        ((256, 128), 16, (16, 8)),
        ((256, 128), 12, (21, 10)),
        ((288, 144), 16, (18, 9)),
        ((288, 144), 12, (23, 11)),
        ((288, 144), 10, (28, 13)),
    ],
)
def test_grids_of_the_field(size, stride, grid):
    arch = dict(NARROW, num_layers=1)
    model = ReIDVisionTransformer(arch, size, stride=stride)
    assert model.patch_resolution == grid and model.pos_embed.shape == (1, 1 + grid[0] * grid[1], 24)
    assert model(torch.zeros(1, 3, *size), BATCH.take(torch.tensor([0])))[0][0].shape[1] == 1 + grid[0] * grid[1]


def resized_as_in_transreid(positions, source, grid):
    """As the facts say: the class token stays, the others are a map that is interpolated, align_corners False."""
    patches = positions[0, 1:].reshape(1, *source, -1).permute(0, 3, 1, 2)
    patches = F.interpolate(patches, size=grid, mode='bilinear')
    return torch.cat((positions[:, :1], patches.permute(0, 2, 3, 1).reshape(1, grid[0] * grid[1], -1)), dim=1)


@pytest.mark.parametrize('source', [(14, 14), (24, 24), (16, 8), (21, 10), (23, 11), (18, 9)])
@pytest.mark.parametrize('size, stride', [((256, 128), 16), ((256, 128), 12), ((288, 144), 12)])
def test_positions_of_any_grid_are_resized_when_they_are_loaded(source, size, stride):
    model = ReIDVisionTransformer(NARROW, size, stride=stride)
    positions = torch.randn(1, 1 + source[0] * source[1], 24, generator=torch.Generator().manual_seed(2))
    model.load_state_dict({**model.state_dict(), 'pos_embed': positions.clone()})
    same = source == model.patch_resolution
    expected = positions if same else resized_as_in_transreid(positions, source, model.patch_resolution)
    assert torch.equal(model.pos_embed, expected)  # bit for bit


def test_positions_of_an_impossible_grid_are_refused():
    with pytest.raises(ValueError, match='127 patch tokens fill no grid that images could have'):
        model = ReIDVisionTransformer(NARROW)
        model.load_state_dict({**model.state_dict(), 'pos_embed': torch.zeros(1, 128, 24)})


def test_images_of_another_size():
    model, larger = build(), build(img_size=(96, 48))
    larger.load_state_dict(model.state_dict())
    with torch.no_grad():
        for one, other in ((model, larger), (larger, model)):
            x = images(*other.img_size)
            torch.testing.assert_close(one(x, BATCH)[0][0].shape, other(x, BATCH)[0][0].shape)
        torch.testing.assert_close(model(images(96, 48), BATCH)[0][0], larger(images(96, 48), BATCH)[0][0])


def test_a_camera_that_training_has_not_seen_gets_the_mean_of_the_embeddings():
    model = build(num_cameras=4)
    unknown = ReIDBatch.unlabelled(MODALITIES)
    with torch.no_grad():
        of_unknown = model(images(), unknown)[0][0]
        of_first = model(images(), unknown._replace(cameras=torch.tensor([1, -1, -1])))[0][0]
        expected = written_out(model, images(), 8, 8, 3 * model.camera_embed.mean(0))
    torch.testing.assert_close(of_unknown, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(of_first[1:], of_unknown[1:])
    assert not torch.allclose(of_first[0], of_unknown[0], atol=0.1)


@pytest.mark.parametrize(
    'options, batch, training, message',
    [
        (dict(num_cameras=4), dict(cameras=[2, -1, 3]), True, 'camera 1 to 4, .* an image whose camera is not known'),
        (dict(num_cameras=4), dict(cameras=[2, 5, 3]), False, 'camera 1 to 4, .* an image of camera 5'),
        (dict(num_cameras=4), dict(cameras=[2, 0, 3]), False, 'an image of camera 0'),
        (dict(num_modalities=2), dict(modalities=[0, 1, 2]), False, 'modality 0 to 1, .* an image of modality 2'),
        (dict(num_modalities=2), dict(modalities=[0, -1, 1]), False, 'an image whose modality is not known'),
        (dict(specific_patches=True), dict(modalities=[0, -1, 1]), False, 'specific_patches=False'),
    ],
)
def test_side_information_that_has_no_embedding_is_refused(options, batch, training, message):
    model = build(**options)
    model.train(training)
    batch = BATCH._replace(**{name: torch.tensor(values) for name, values in batch.items()})
    with pytest.raises(ValueError, match=message):
        model(images(), batch)


def test_a_patch_embedding_for_each_modality_starts_from_the_same_weights():
    model, shared = build(specific_patches=True), build()
    model.init_weights()
    shared.load_state_dict({key: value for key, value in model.state_dict().items() if 'infrared' not in key})
    model.train(), shared.train()
    for part in (model, shared):
        for block in part.modules():
            if isinstance(block, nn.Module) and hasattr(block, 'drop_prob'):
                block.drop_prob = 0.0
    expected = shared(images(), BATCH)[0][0]
    torch.testing.assert_close(model(images(), BATCH)[0][0], expected)
    with torch.no_grad():
        model.infrared.projection.weight.zero_()
    changed = model(images(), BATCH)[0][0]
    torch.testing.assert_close(changed[0], expected[0])
    assert (changed[1:] - expected[1:]).abs().amax((1, 2)).min() > 0.01
    assert model.needs_modalities and build(num_modalities=2).needs_modalities
    assert not shared.needs_modalities and not build(num_cameras=2).needs_modalities


def test_stochastic_depth_grows_from_block_to_block():
    blocks = ReIDVisionTransformer(dict(NARROW, num_layers=12)).stages()
    assert list(blocks) == [f'block{number}' for number in range(1, 13)]
    for number, block in enumerate(blocks.values()):
        assert block.attn.out_drop.drop_prob == block.ffn.dropout_layer.drop_prob == pytest.approx(0.1 * number / 11)


def test_dropout_is_where_transreid_has_it():
    model = ReIDVisionTransformer(NARROW, drop_rate=0.03)
    rates = {name: module.p for name, module in model.named_modules() if isinstance(module, nn.Dropout) and module.p}
    places = ('attn.proj_drop', 'ffn.layers.0.2', 'ffn.layers.2')
    assert rates == {'drop_after_pos': 0.03, **{f'layers.{n}.{place}': 0.03 for n in range(3) for place in places}}


def test_layer_wise_learning_rates():
    """Depths 0, 1, 2, 3, 4 of tokens, three blocks, and what follows; each below is half as fast."""
    backbone = dict(type=ReIDVisionTransformer, arch=NARROW, num_cameras=2, num_modalities=2, specific_patches=True)
    model = VIReID(backbone, dict(type='BNNeckHead', in_channels=24, num_classes=2, pooling=dict(type='ClassToken')))
    constructor = LearningRateDecayOptimWrapperConstructor(
        dict(optimizer=dict(type='SGD', lr=1.0, weight_decay=0.1), type='OptimWrapper'), dict(layer_decay_rate=0.5)
    )
    groups = constructor(model).optimizer.param_groups
    rates = {group['param_name']: group['lr'] for group in groups}
    assert rates.keys() == {name for name, weight in model.named_parameters() if weight.requires_grad}
    expected = {
        1 / 16: ('cls_token', 'pos_embed', 'camera_embed', 'modality_embed', 'patch_embed.', 'infrared.'),
        1 / 8: ('layers.0.',),
        1 / 4: ('layers.1.',),
        1 / 2: ('layers.2.',),
    }
    for name, rate in rates.items():
        parts = (rate for rate, names in expected.items() if name.removeprefix('backbone.').startswith(names))
        assert rate == next(parts, 1.0), name
