import pytest
import torch
from torchvision.models import resnet18

from haresreid.models import SeparateNormResNet, TwoStreamResNet
from haresreid.models.layers import ModalityBatchNorm2d
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1, 1, 0, 1]))


def build(**changes) -> SeparateNormResNet:
    torch.manual_seed(0)
    return SeparateNormResNet(**(dict(depth=18, base_channels=8) | changes))


def separate(network) -> list[str]:
    return [name for name, module in network.named_modules() if isinstance(module, ModalityBatchNorm2d)]


@pytest.fixture
def images():
    return torch.randn(5, 3, 64, 32, generator=torch.Generator().manual_seed(1))


def test_which_norms_are_separate():
    norms = [name for name, module in resnet18().named_modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert sorted(separate(build())) == sorted(norms) and len(norms) == 20
    assert separate(build(separate='stem')) == ['bn1'] and separate(build(separate='none')) == []
    # stem, then block by block the shortcut's and those of the convolutions; layer1 has no shortcut here
    order = ['bn1', *(f'layer1.{block}.bn{i}' for block in (0, 1) for i in (1, 2)), 'layer2.0.downsample.1']
    for place, name in enumerate(order):
        assert separate(build(separate=[i == place for i in range(20)])) == [name]
    assert len(separate(SeparateNormResNet(base_channels=4))) == 53
    for wrong in ('stems', [True] * 19):
        with pytest.raises(ValueError, match="separate must be 'all', 'stem', 'none' or 20 values"):
            build(separate=wrong)


def test_without_separate_norms_it_is_the_plain_network(images):
    plain = TwoStreamResNet(depth=18, base_channels=8, num_specific=0)
    plain.load_state_dict(build(separate='none').state_dict())
    unknown = ReIDBatch.unlabelled(torch.full((5,), -1))
    assert torch.equal(build(separate='none')(images, unknown)[0][0], plain(images, unknown)[0][0])
    with pytest.raises(ValueError, match='some of the rows are neither visible nor infrared: give the modality'):
        build(separate='stem')(images, unknown)


def test_in_training_a_norm_sees_its_own_modality_and_in_evaluation_each_image_passes_its_own(images):
    network = build().double()
    for module in network.modules():
        if isinstance(module, ModalityBatchNorm2d):
            torch.nn.init.normal_(module.infrared.weight, std=0.5)
    images = images.double()
    network(images, BATCH)
    for kind, norm in enumerate((network.bn1, network.bn1.infrared)):
        mean = network.conv1(images[BATCH.modalities == kind]).mean((0, 2, 3))
        torch.testing.assert_close(norm.running_mean, 0.1 * mean.detach())
    network.eval()
    together = network(images, BATCH)[0][0]
    for kind in (0, 1):
        plain = TwoStreamResNet(depth=18, base_channels=8, num_specific=0).double()
        plain.eval()
        weights = network.state_dict()
        ours = {key: weights[key] for key in plain.state_dict()}
        if kind:
            ours |= {key.replace('infrared.', ''): value for key, value in weights.items() if 'infrared.' in key}
        plain.load_state_dict(ours)
        rows = BATCH.modalities == kind
        torch.testing.assert_close(plain(images[rows], BATCH.take(rows.nonzero()[:, 0]))[0][0], together[rows])


def test_both_norms_start_from_the_same_imagenet_weights(tmp_path):
    weights = resnet18().state_dict()
    weights['layer2.0.bn1.running_mean'] += 3
    torch.save(weights, tmp_path / 'weights.pth')
    network = build(base_channels=64, pretrained=str(tmp_path / 'weights.pth'))
    network.init_weights()
    for key, value in network.state_dict().items():
        assert torch.equal(value, weights[key.replace('infrared.', '')]), key
