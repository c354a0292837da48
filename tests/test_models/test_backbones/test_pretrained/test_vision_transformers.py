import pytest
import torch

from haresreid.models import ReIDVisionTransformer

NARROW = dict(embed_dims=24, num_layers=2, num_heads=2, feedforward_channels=48)
BLOCK = {
    'norm1.weight': (24,),
    'norm1.bias': (24,),
    'attn.qkv.weight': (72, 24),
    'attn.qkv.bias': (72,),
    'attn.proj.weight': (24, 24),
    'attn.proj.bias': (24,),
    'norm2.weight': (24,),
    'norm2.bias': (24,),
    'mlp.fc1.weight': (48, 24),
    'mlp.fc1.bias': (48,),
    'mlp.fc2.weight': (24, 48),
    'mlp.fc2.bias': (24,),
}
TIMM = {
    'cls_token': (1, 1, 24),
    'pos_embed': (1, 1 + 14 * 14, 24),
    'patch_embed.proj.weight': (24, 3, 16, 16),
    'patch_embed.proj.bias': (24,),
    **{f'blocks.{block}.{name}': shape for block in range(2) for name, shape in BLOCK.items()},
    'norm.weight': (24,),
    'norm.bias': (24,),
    'head.weight': (10, 24),
    'head.bias': (10,),
}


@pytest.fixture
def timm() -> dict:
    """A state dict with timm's names and shapes, of random numbers."""
    generator = torch.Generator().manual_seed(0)
    return {name: torch.randn(shape, generator=generator) for name, shape in TIMM.items()}


def load(path, content, **options) -> ReIDVisionTransformer:
    torch.save(content, path)
    model = ReIDVisionTransformer(NARROW, pretrained=str(path), **options)
    model.init_weights()
    return model


def test_every_weight_of_timms_file_has_its_place(tmp_path, timm):
    model = load(tmp_path / 'vit.pth', timm)
    state = model.state_dict()
    assert len(state) == len(timm) - 2  # all but the classifier
    for name, value in timm.items():
        for theirs, ours in (('blocks', 'layers'), ('proj.', 'projection.')):
            if not (theirs == 'proj.' and 'attn' in name):
                name = name.replace(theirs, ours)
        for theirs, ours in (('norm', 'ln'), ('mlp.fc1', 'ffn.layers.0.0'), ('mlp.fc2', 'ffn.layers.1')):
            name = name.replace(theirs, ours)
        name = name.replace('ln.', 'ln1.')
        if name == 'pos_embed':
            assert torch.equal(state[name][:, 0], value[:, 0]) and state[name].shape == (1, 129, 24)
        elif 'head' not in name:
            assert torch.equal(state[name], value), name


def test_a_step_is_taken_from_them(tmp_path, timm):
    from haresreid.structures import ReIDBatch

    torch.manual_seed(0)  # another draw of the drop path may leave a layer without a gradient
    model = load(tmp_path / 'vit.pth', timm, num_modalities=2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batch = ReIDBatch.unlabelled(torch.tensor([0, 1]))
    model(torch.randn(2, 3, 256, 128), batch)[0][0].square().mean().backward()
    optimizer.step()
    assert all(not torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_checkpoint_of_haresreid_and_mmpretrains_names(tmp_path, timm):
    model = load(tmp_path / 'vit.pth', timm)
    weights = model.state_dict()
    content = {f'backbone.{name}': value for name, value in weights.items()}
    content |= {'head.classifier.weight': torch.zeros(3, 24), 'backbone.camera_embed': torch.zeros(6, 1, 24)}
    for saved in (dict(state_dict=content), weights):
        again = load(tmp_path / 'own.pth', saved, num_modalities=2, specific_patches=True)
        state = again.state_dict()
        assert all(torch.equal(state[name], value) for name, value in weights.items())
        assert torch.equal(again.infrared.projection.weight, again.patch_embed.projection.weight)
        assert again.modality_embed.abs().max() > 0


def test_the_log_says_what_was_left_out(tmp_path, timm, monkeypatch):
    lines = []
    monkeypatch.setattr('haresreid.models.backbones.pretrained.load.print_log', lambda line, **_: lines.append(line))
    load(tmp_path / 'vit.pth', timm)
    assert lines == [
        f'Pretrained weights of {tmp_path / "vit.pth"} (timm): 30 used; positions resized from 14 x 14 to 16 x 8; '
        'dropped head.weight, head.bias (the classifier)'
    ]


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda file: file.pop('blocks.1.norm2.bias'), r'layers.1.ln2.bias: missing in the file, \(24,\) in the model'),
        (lambda file: file.update({'blocks.2.norm1.bias': torch.zeros(24)}), 'blocks.2.norm1.bias: .* missing in the'),
        (lambda file: file.update({'patch_embed.proj.weight': torch.zeros(24, 3, 8, 8)}), 'patch_embed.proj.weight: '),
        (lambda file: file.update(pos_embed=torch.zeros(1, 197, 32)), r'pos_embed: \(1, 197, 32\) in the file'),
        (lambda file: file.update(pos_embed=torch.zeros(1, 180, 24)), '179 patch tokens fill no grid'),
    ],
)
def test_a_file_of_another_architecture_is_refused(tmp_path, timm, change, message):
    change(timm)
    with pytest.raises(ValueError, match=message):
        load(tmp_path / 'vit.pth', timm)


def test_a_resnet_is_refused(tmp_path):
    from torchvision.models import resnet18

    with pytest.raises(
        ValueError,
        match=r'holds no weights that a ReIDVisionTransformer can take, .* timm, .* its first is conv1.weight',
    ):
        load(tmp_path / 'resnet.pth', resnet18().state_dict())
