import pytest
import torch
from torchvision.models import resnet18

from haresreid.models import (
    HierarchicalFeatureExtractor,
    ModalityAlleviation,
    NonLocalBlock,
    ResNetEncoder,
    TwoStreamResNet,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

PARTS = ['stem', 'layer1', 'layer2', 'layer3', 'layer4']
# visible and infrared images in no order
MODALITIES = torch.tensor([0, 1, 1, 0, 1])


def run(network, images, modalities=MODALITIES):
    """The last map."""
    (output,), _ = network(images, ReIDBatch.unlabelled(modalities))
    return output


def build(training=False, **changes) -> TwoStreamResNet:
    """A narrow network with unlike streams."""
    torch.manual_seed(0)
    network = MODELS.build(dict(type=TwoStreamResNet, depth=18, base_channels=8) | changes)
    network.train(training)
    for parameter in network.infrared.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


def stream(network: TwoStreamResNet, modality: int) -> ResNetEncoder:
    """The plain network that the images of one modality pass."""
    plain = ResNetEncoder(depth=18, base_channels=8)
    weights = {key: value for key, value in network.state_dict().items() if not key.startswith('infrared.')}
    if modality == 1:
        weights |= network.infrared.state_dict()
    plain.load_state_dict(weights)
    plain.eval()
    return plain


@pytest.fixture
def images():
    return torch.randn(5, 3, 96, 48, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize('num_specific', range(6))
def test_each_image_passes_the_network_of_its_modality(images, num_specific):
    network = build(num_specific=num_specific)
    output = run(network, images)
    for modality in (0, 1):
        assert torch.allclose(
            output[MODALITIES == modality], stream(network, modality)(images[MODALITIES == modality])[-1], atol=1e-5
        )
    specific = {'stem' if name in ('conv1', 'bn1') else name for name in network.infrared}
    assert specific == set(PARTS[:num_specific])
    if num_specific:
        assert not torch.allclose(*(stream(network, modality)(images)[-1] for modality in (0, 1)), atol=1e-2)


def test_further_modalities_can_pass_the_visible_stream(images):
    network = build(num_specific=2, visible_modalities=(0, 2))
    greyed = torch.tensor([2, 1, 1, 0, 1])
    assert torch.allclose(run(network, images, greyed), run(network, images), atol=1e-6)


def test_a_stem_without_relu(images):
    network = build(stem_relu=False)
    plain = stream(network, 0)
    plain.relu = torch.nn.Identity()
    visible = images[MODALITIES == 0]
    assert torch.allclose(run(network, images)[MODALITIES == 0], plain(visible)[-1], atol=1e-5)
    assert not torch.allclose(plain(visible)[-1], stream(network, 0)(visible)[-1], atol=1e-3)


@pytest.mark.parametrize('num_specific', [1, 3])
def test_the_order_of_a_batch_does_not_matter(images, num_specific):
    network = build(num_specific=num_specific, non_local=(0, 1, 1, 0), training=True)
    order = torch.tensor([3, 0, 4, 2, 1])
    output = run(network, images)
    shuffled = run(network, images[order], MODALITIES[order])
    assert torch.allclose(shuffled, output[order], atol=1e-4)


def test_specific_norms_see_their_own_modality_and_shared_ones_both(images):
    network = build(num_specific=2, training=True)
    maps = {}
    for name in ('bn1', 'infrared.bn1', 'layer2.0.bn1'):
        network.get_submodule(name).register_forward_hook(lambda _, args, __, name=name: maps.update({name: args[0]}))
    run(network, images)
    assert [len(maps[name]) for name in ('bn1', 'infrared.bn1', 'layer2.0.bn1')] == [2, 3, 5]
    for name, x in maps.items():
        mean = network.get_submodule(name).running_mean  # starts at 0, momentum 0.1
        assert torch.allclose(mean, 0.1 * x.mean((0, 2, 3)), atol=1e-6)


@pytest.mark.parametrize('modality', [0, 1])
def test_a_batch_of_one_modality_leaves_the_other_stream_alone(images, modality):
    network = build(num_specific=2, training=True)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    run(network, images, torch.full((5,), modality)).sum().backward()
    changed = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
    assert ('infrared.bn1.running_mean' in changed, 'bn1.running_mean' in changed) == (modality == 1, modality == 0)
    assert 'layer2.0.bn1.running_mean' in changed
    assert (network.infrared.conv1.weight.grad is None) == (modality == 0)
    assert (network.conv1.weight.grad is None) == (modality == 1)


def test_modalities_are_needed_where_parts_are_specific(images):
    with pytest.raises(ValueError, match='has parts that are specific to a modality, .* give the modality'):
        run(build(num_specific=1), images, torch.full((5,), -1))
    assert run(build(num_specific=0), images, torch.full((5,), -1)).shape == (5, 64, 6, 3)


def test_one_stream_is_the_plain_network(images):
    network = build(num_specific=0)
    assert network.state_dict().keys() == ResNetEncoder(depth=18, base_channels=8).state_dict().keys()
    assert torch.equal(run(network, images), stream(network, 0)(images)[-1])


def test_both_streams_start_from_the_same_imagenet_weights(tmp_path):
    reference = resnet18()
    torch.save(reference.state_dict(), tmp_path / 'weights.pth')
    network = build(base_channels=64, num_specific=3, non_local=(0, 2, 0, 0), pretrained=str(tmp_path / 'weights.pth'))
    network.init_weights()
    weights = reference.state_dict()
    for key, value in network.state_dict().items():
        if 'non_local' not in key:
            assert torch.equal(value, weights[key.removeprefix('infrared.')]), key
    for name, module in network.infrared.layer2.named_children():
        theirs = network.layer2.get_submodule(name).state_dict()
        assert all(torch.equal(value, theirs[key]) for key, value in module.state_dict().items())


def test_non_local_blocks_stand_behind_the_last_blocks_and_change_nothing_at_first(images):
    network = build(depth=50, non_local=(0, 2, 3, 0), non_local_channels=1)
    assert {
        name: module.theta.out_channels for name, module in network.named_modules() if isinstance(module, NonLocalBlock)
    } == {
        'layer2.non_local_2': 1,
        'layer2.non_local_3': 1,
        'layer3.non_local_3': 1,
        'layer3.non_local_4': 1,
        'layer3.non_local_5': 1,
    }
    assert [name for name, _ in network.layer2.named_children()] == ['0', '1', '2', 'non_local_2', '3', 'non_local_3']
    assert build(depth=50, non_local=(0, 1, 0, 0)).layer2.non_local_3.theta.out_channels == 4 * 16 // 2
    network.init_weights()
    plain = build(depth=50)
    plain.load_state_dict({key: value for key, value in network.state_dict().items() if 'non_local' not in key})
    assert torch.equal(run(network, images), run(plain, images))


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(num_specific=6), 'num_specific must be 0 .* to 5 .*, not 6'),
        (dict(non_local=(0, 3, 0, 0)), '3 non-local blocks in a stage of 2 residual blocks'),
    ],
)
def test_impossible_networks_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


@pytest.mark.parametrize('num_specific', range(4))
def test_as_the_encoder_of_haresformer(images, num_specific):
    encoder = dict(type=TwoStreamResNet, depth=18, base_channels=8, num_specific=num_specific)
    hfe = MODELS.build(dict(type=HierarchicalFeatureExtractor, encoder=encoder, img_size=(96, 48))).eval()
    feats, _ = hfe(images, ReIDBatch.unlabelled(MODALITIES))
    assert torch.allclose(feats.local, run(hfe.encoder, images), atol=1e-5)
    assert feats.fused.shape == (5, 64, 6, 3)
    if num_specific:
        with pytest.raises(ValueError, match='give the modality of each image'):
            hfe(images, ReIDBatch.unlabelled(torch.full((5,), -1)))


def test_runs_on_the_meta_device():
    network = build(num_specific=3).to('meta')
    output = run(network, torch.empty(5, 3, 96, 48, device='meta'))
    assert output.shape == (5, 64, 6, 3) and output.is_meta


def test_a_plugin_ends_its_stage_in_both_streams(images, tmp_path):
    torch.save(resnet18().state_dict(), tmp_path / 'weights.pth')
    network = build(
        base_channels=64,
        num_specific=4,
        plugins=dict(layer3=dict(type=ModalityAlleviation)),
        pretrained=str(tmp_path / 'weights.pth'),
    )
    network.init_weights()
    network.eval()
    seen = {}
    for name in ('layer3.plugin', 'infrared.layer3.plugin', 'layer4'):
        network.get_submodule(name).register_forward_hook(
            lambda _, args, output, name=name: seen.update({name: (args[0], output)})
        )
    run(network, images)
    maps = [seen[name][1] for name in ('layer3.plugin', 'infrared.layer3.plugin')]
    assert [x.shape for x in maps] == [(2, 256, 6, 3), (3, 256, 6, 3)]
    assert torch.equal(seen['layer4'][0][MODALITIES == 0], maps[0])
    assert len(list(network.layer3.plugin.parameters())) == 2
