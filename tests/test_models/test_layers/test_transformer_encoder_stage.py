import pytest
import torch
import torch.nn.functional as F

from haresreid.models import TransformerEncoderStage


def slow_stage(stage, x, cls_self_attention=True):
    """Eqs. 2 and 3 written out: a loop over images and heads, with the attention matrix."""
    cls_out, map_out = [], []
    for image in x:
        patches = stage.patch_embed(image.unsqueeze(0))[0]  # (D, h, w)
        grid = patches.shape[1:]
        tokens = [stage.cls_token[0, 0] + stage.cls_pos[0, 0]]
        tokens += [patches[:, i, j] + stage.patch_pos[0, :, i, j] for i in range(grid[0]) for j in range(grid[1])]
        z = torch.stack(tokens)  # (N+1, D)
        for layer in stage.layers:
            y = layer.norm1(z)
            heads, dims = layer.attention.num_heads, z.size(1)
            q, k, v = (y @ w.T for w in layer.attention.qkv.weight.split(dims))
            outputs = []
            for head in range(heads):
                part = slice(head * dims // heads, (head + 1) * dims // heads)
                scores = q[:, part] @ k[:, part].T / (dims // heads) ** 0.5  # (N+1, N+1)
                weights = scores.softmax(1)
                if not cls_self_attention:
                    weights[0] = torch.cat((torch.zeros(1), scores[0, 1:].softmax(0)))
                outputs.append(weights @ v[:, part])
            z = z + layer.attention.proj(torch.cat(outputs, dim=1))
            z = z + layer.mlp(layer.norm2(z))
        z = stage.norm(z)
        cls, patches = z[:1], torch.stack([z[1 + i] for i in range(len(z) - 1)], dim=1).reshape(1, -1, *grid)
        cls_out.append(stage.cls_out_norm(cls)[0])
        map_out.append(stage.patch_out_norm(patches)[0])
    return torch.stack(cls_out), torch.stack(map_out)


def randomized(stage):
    """Every parameter drawn anew, so that a norm's scale that is not applied shows."""
    for parameter in stage.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return stage


@pytest.mark.parametrize('num_heads, num_layers', [(1, 1), (2, 1), (4, 2)])
@pytest.mark.parametrize(
    'options',
    [
        {},
        dict(final_norm=True),
        dict(cls_self_attention=False),
        dict(output_norm=True),
        dict(final_norm=True, cls_self_attention=False, output_norm=True),
    ],
)
def test_equals_the_equations(num_heads, num_layers, options):
    stage = randomized(
        TransformerEncoderStage(
            3, 8, patch_size=4, grid_size=(6, 3), num_heads=num_heads, num_layers=num_layers, **options
        )
    ).eval()
    x = torch.randn(2, 3, 24, 12)
    cls, patch_map = stage(x)
    expected_cls, expected_map = slow_stage(stage, x, options.get('cls_self_attention', True))
    assert cls.shape == (2, 8) and patch_map.shape == (2, 8, 6, 3)
    assert torch.allclose(cls, expected_cls, atol=1e-5)
    assert torch.allclose(patch_map, expected_map, atol=1e-5)


def test_options_add_parameters_and_the_default_has_none_of_them():
    def names(**options):
        return set(TransformerEncoderStage(3, 8, patch_size=4, grid_size=(6, 3), **options).state_dict())

    default = names()
    assert names(final_norm=True) - default == {'norm.weight', 'norm.bias'}
    assert names(cls_self_attention=False) == default


def test_output_norms_take_away_a_constant_that_has_drowned_the_images():
    torch.manual_seed(0)
    images = torch.randn(16, 3, 24, 12)
    plain, normed = (
        TransformerEncoderStage(3, 8, patch_size=4, grid_size=(6, 3), final_norm=False, output_norm=output_norm)
        for output_norm in (False, True)
    )
    for stage in (plain, normed):
        torch.nn.init.constant_(stage.layers[0].mlp[2].bias, 1e3)

    def spreads(stage):
        return [(x.std(0, unbiased=False).square().mean() / x.square().mean()).sqrt() for x in stage(images)]

    assert max(spreads(plain)) < 0.01
    assert min(spreads(normed)) > 0.9


@pytest.mark.parametrize('cls_self_attention', [True, False])
def test_the_class_token_sees_itself_only_where_it_may(cls_self_attention):
    stage = TransformerEncoderStage(
        3, 8, patch_size=4, grid_size=(6, 3), num_heads=2, init_std=0.5, cls_self_attention=cls_self_attention
    )
    matrix = stage.layers[0].attention.attention_matrix(torch.randn(2, 19, 8))  # (B, nh, N+1, N+1)
    assert torch.allclose(matrix.sum(-1), torch.ones(2, 2, 19))
    assert (matrix[:, :, 0, 0] > 0).all() == cls_self_attention
    assert (matrix[:, :, 1:, 0] > 0).all()  # patches attend to the class token in either case


def test_positions_matter_and_are_interpolated_for_another_size():
    stage = TransformerEncoderStage(3, 8, patch_size=4, grid_size=(6, 3))
    cls, patch_map = stage(torch.randn(1, 3, 40, 24))
    assert patch_map.shape == (1, 8, 10, 6) and cls.isfinite().all()
    x = torch.ones(1, 3, 24, 12)
    before = stage(x)[1]
    assert not torch.allclose(before[..., 0, 0], before[..., 5, 2], atol=1e-6)


def test_checkpoint_of_another_grid_loads_through_interpolation():
    source = TransformerEncoderStage(3, 8, patch_size=4, grid_size=(6, 3))
    target = TransformerEncoderStage(3, 8, patch_size=4, grid_size=(8, 4))
    state = source.state_dict()
    target.load_state_dict(state)
    expected = F.interpolate(source.patch_pos, size=(8, 4), mode='bicubic', align_corners=False)
    assert torch.equal(target.patch_pos, expected)
    assert state['patch_pos'].shape[-2:] == (6, 3)  # the caller's dict is not touched
    x = torch.randn(1, 3, 32, 16)
    assert torch.allclose(source(x)[1], target(x)[1], atol=1e-6)


@pytest.mark.parametrize('arguments, std', [({}, 0.02), (dict(init_std=0.08), 0.08)])
def test_initialisation_and_bias(arguments, std):
    stage = TransformerEncoderStage(64, 64, patch_size=2, grid_size=(18, 9), **arguments)
    for weight in (stage.patch_pos, stage.layers[0].attention.qkv.weight, stage.layers[0].mlp[0].weight):
        assert weight.std().item() == pytest.approx(std, rel=0.1)
    assert stage.layers[0].attention.qkv.bias is None


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match='num_heads=3 does not divide the token width 8'):
        TransformerEncoderStage(3, 8, patch_size=4, grid_size=(6, 3), num_heads=3)
