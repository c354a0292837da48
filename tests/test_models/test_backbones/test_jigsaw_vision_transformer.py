"""The jigsaw patch module against a loop over tokens."""

import pytest
import torch

from haresreid.models import JigsawVisionTransformer, ReIDVisionTransformer
from haresreid.structures import ReIDBatch

NARROW = dict(embed_dims=24, num_layers=3, num_heads=2, feedforward_channels=48)
BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1]))


def build(**options) -> JigsawVisionTransformer:
    torch.manual_seed(0)
    model = JigsawVisionTransformer(**{**dict(arch=NARROW, img_size=(64, 32), patch_size=8, stride=8), **options})
    model.init_weights()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.eval()
    return model


def slow_parts(tokens, shift, parts):
    """Numbers of the patch tokens in each part, from the facts."""
    tokens = tokens[shift:] + tokens[:shift]
    count = len(tokens)
    if count % 2:
        tokens = [*tokens, tokens[-2]]
    half = len(tokens) // 2
    shuffled = [token for pair in zip(tokens[:half], tokens[half:]) for token in pair]
    length = count // parts
    return [shuffled[part * length : (part + 1) * length] for part in range(parts)]


@pytest.mark.parametrize(
    'options, count',
    [
        (dict(), 32),
        (dict(stride=6), 50),  # two are left out
        (dict(img_size=(72, 40), stride=8), 45),  # one more, and one is left out
        (dict(num_parts=3, shift=7), 32),
    ],
)
def test_equals_a_loop_over_tokens(options, count):
    model = build(**options)
    images = torch.randn(2, 3, *model.img_size)
    with torch.no_grad():
        found, batch = model(images, BATCH)
        x = model.embed(images, BATCH)
        for layer in model.layers[:-1]:
            x = layer(x)
        assert x.shape[1] == 1 + count and batch is BATCH
        expected = [model.ln1(model.layers[-1](x))[:, 0]]
        for part in slow_parts(list(range(1, 1 + count)), model.shift, model.num_parts):
            expected.append(model.local[1](model.local[0](x[:, [0, *part]]))[:, 0])
    assert len(found) == 1 + model.num_parts
    for one, other in zip(found, expected):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_shuffle_mixes_upper_and_lower_patches():
    """Of 210 tokens, a shift of 4 and two groups: the parts begin with the tokens 5 and 110, 31 and 136, ..."""
    parts = slow_parts(list(range(1, 211)), 4, 4)
    assert [part[:2] for part in parts] == [[5, 110], [31, 136], [57, 162], [83, 188]]
    assert {len(part) for part in parts} == {52}


def test_whole_images_pass_as_through_the_plain_transformer():
    model, plain = build(num_modalities=2), ReIDVisionTransformer(NARROW, (64, 32), 8, 8, num_modalities=2)
    plain.load_state_dict({key: value for key, value in model.state_dict().items() if not key.startswith('local.')})
    plain.eval()
    images = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(images, BATCH)[0][0], plain(images, BATCH)[0][0][:, 0])
    assert list(model.stages()) == ['block1', 'block2', 'block3'] and model.needs_modalities


def test_both_last_blocks_start_from_the_same_weights(tmp_path):
    plain = ReIDVisionTransformer(NARROW, (64, 32), 8, 8)
    plain.init_weights()
    torch.save(plain.state_dict(), tmp_path / 'vit.pth')
    model = build(pretrained=str(tmp_path / 'vit.pth'))
    model.init_weights()
    for place, source in ((model.local[0], plain.layers[-1]), (model.local[1], plain.ln1)):
        for name, value in source.state_dict().items():
            assert torch.equal(place.state_dict()[name], value), name
    assert torch.equal(model.layers[2].attn.qkv.weight, plain.layers[2].attn.qkv.weight)


def test_the_second_last_block_learns_as_the_last_one():
    model = build()
    for ours, last in (('local.0.attn.qkv.weight', 'layers.2.attn.qkv.weight'), ('local.1.weight', 'ln1.weight')):
        assert model.get_layer_depth(f'backbone.{ours}', 'backbone.') == model.get_layer_depth(last)
    assert [model.get_layer_depth(f'{name}.weight')[0] for name in ('layers.1.ln1', 'local.0.ln1', 'local.1')] == [
        2,
        3,
        4,
    ]


def test_fewer_patches_than_parts_are_refused():
    with pytest.raises(ValueError, match='2 patches cannot be dealt to 4 parts'):
        build(img_size=(16, 8))(torch.randn(2, 3, 16, 8), BATCH)
