import pytest
import torch
import torch.nn.functional as F

from haresreid.models import TwoStreamAlexNet
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([1, 0, 1, 0]))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(4, 3, 96, 48, generator=torch.Generator().manual_seed(0))


def narrow(**options) -> TwoStreamAlexNet:
    torch.manual_seed(0)
    net = TwoStreamAlexNet(base_channels=6, fc_channels=10, stride=2, **options)
    net.init_weights()
    return net


def test_an_image_passes_the_layers_of_its_modality(images):
    net = narrow()
    with torch.no_grad():
        for weight in net.infrared.parameters():
            weight += 0.1 * torch.randn_like(weight)
        (map_,), batch = net(images, BATCH)
        expected = []
        for image, modality in zip(images, BATCH.modalities):
            x = image.unsqueeze(0)
            for name, layer in (net.infrared if modality else net.layers).items():
                x = layer(F.adaptive_avg_pool2d(x, 6) if name == 'fc6' else x)
            expected.append(x)
    assert batch is BATCH and map_.shape == (4, 10, 1, 1)
    torch.testing.assert_close(map_, torch.cat(expected))


@pytest.mark.parametrize('num_specific', [0, 1, 6])
def test_the_leading_layers_are_specific(num_specific):
    net = narrow(num_specific=num_specific)
    assert list(net.infrared) == list(net.stages())[:num_specific]
    for name, layer in net.infrared.items():
        for own, other in zip(layer.parameters(), net.layers[name].parameters()):
            assert torch.equal(own, other) and own is not other


def test_the_norm_is_of_a_modality_and_of_fc6_alone(images):
    net = narrow(norm=True)
    (map_,), _ = net(images, BATCH)
    alone = torch.cat([net(images[rows], BATCH.take(rows))[0][0] for rows in (BATCH.rows_of(0), BATCH.rows_of(1))])
    torch.testing.assert_close(map_, alone[torch.tensor([2, 0, 3, 1])])
    assert [name for name, part in net.named_modules() if name.endswith('.norm')] == [
        'layers.fc6.norm',
        'infrared.fc6.norm',
    ]
    assert not net.layers.fc6.norm.weight.requires_grad


def test_starts_from_a_training_with_one_stream(tmp_path):
    start = narrow(num_specific=0)
    torch.save(
        dict(state_dict={f'backbone.{key}': value for key, value in start.state_dict().items()}), tmp_path / 'a.pth'
    )
    net = TwoStreamAlexNet(base_channels=6, fc_channels=10, stride=2, norm=True, pretrained=str(tmp_path / 'a.pth'))
    net.init_weights()
    for stream in (net.layers, net.infrared):
        for name, weight in start.layers.named_parameters():
            assert torch.equal(stream.get_parameter(name), weight)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match='Images of 34 x 96 pixels leave AlexNet no map'):
        narrow()(torch.zeros(1, 3, 34, 96), BATCH.take(torch.tensor([0])))
    with pytest.raises(ValueError, match='multiple of 6, not 8'):
        TwoStreamAlexNet(base_channels=8)
    with pytest.raises(ValueError, match='0 .* to 6 .*, not 7'):
        TwoStreamAlexNet(num_specific=7)
