from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torchvision.models import resnet18

from haresreid.models import ResNetEncoder


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """An empty torch hub cache, and no network."""

    def refuse(url, *_, **__):
        raise URLError('Name or service not known')

    monkeypatch.setattr(torch.hub, 'download_url_to_file', refuse)
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path / 'hub'))


def encoder(source, depth=18) -> ResNetEncoder:
    model = ResNetEncoder(depth=depth, pretrained=str(source))
    model.init_weights()
    return model


def equal_to(model, reference) -> bool:
    weights = reference.state_dict()
    return all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())


def test_building_needs_no_weights():
    ResNetEncoder(depth=18, pretrained='torchvision://resnet18')


def test_offline_without_weights_names_the_three_ways_out(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        encoder('torchvision://resnet18')
    message = str(error.value)
    assert 'torchvision://resnet18 is not in the torch hub cache and cannot be downloaded' in message
    assert 'model.backbone.encoder.pretrained=PATH' in message
    assert f'put resnet18-f37072fd.pth into {tmp_path / "hub" / "checkpoints"}' in message
    assert 'pretrained=None' in message
    assert '\n' not in message


def test_missing_local_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='resnet18.pth do not exist: .*pretrained=None'):
        encoder(tmp_path / 'resnet18.pth')


def test_missing_start_weights_name_the_command_that_trains_them():
    with pytest.raises(FileNotFoundError, match='do not exist: .*haresreid train resnet18_synvi,'):
        encoder('nowhere/resnet18_synvi/epoch_24.pth')


@pytest.mark.parametrize('form', ['torchvision', 'a checkpoint of haresreid'])
def test_an_encoder_of_three_stages_takes_those_of_four(tmp_path, form):
    reference = ResNetEncoder(depth=18) if form != 'torchvision' else resnet18()
    place = '' if form == 'torchvision' else 'backbone.encoder.'
    torch.save({f'{place}{name}': value for name, value in reference.state_dict().items()}, tmp_path / 'weights.pth')
    three = ResNetEncoder(depth=18, strides=(1, 2, 2), pretrained=str(tmp_path / 'weights.pth'))
    three.init_weights()
    assert equal_to(three, reference)


def test_local_file_with_its_classifier(tmp_path):
    reference = resnet18()
    torch.save(reference.state_dict(), tmp_path / 'weights.pth')
    assert equal_to(encoder(tmp_path / 'weights.pth'), reference)


def test_cached_file(tmp_path):
    reference = resnet18()
    cache = tmp_path / 'hub' / 'checkpoints'
    cache.mkdir(parents=True)
    torch.save(reference.state_dict(), cache / 'resnet18-f37072fd.pth')
    assert equal_to(encoder('torchvision://resnet18'), reference)


def test_address_of_mmpretrain_weights_is_downloaded_into_the_cache(tmp_path, monkeypatch):
    reference = resnet18()
    state = {f'backbone.{key}': value for key, value in reference.state_dict().items() if not key.startswith('fc.')}
    state['head.fc.weight'] = reference.fc.weight

    def download(url, path, progress):
        torch.save(dict(state_dict=state, meta={}), path)

    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    assert equal_to(encoder('https://example.org/models/resnet18_in1k.pth?x=1'), reference)
    assert Path(tmp_path, 'hub/checkpoints/resnet18_in1k.pth').is_file()


def test_file_of_another_architecture_is_refused(tmp_path):
    torch.save(resnet18().state_dict(), tmp_path / 'weights.pth')
    with pytest.raises(
        ValueError, match=r'weights.pth \(torchvision\) holds another architecture than this ResNetEncoder'
    ):
        encoder(tmp_path / 'weights.pth', depth=34)
    with pytest.raises(ValueError, match=r'conv1.weight: \(64, 3, 7, 7\) in the file, \(8, 3, 7, 7\) in the model'):
        model = ResNetEncoder(depth=18, base_channels=8, pretrained=str(tmp_path / 'weights.pth'))
        model.init_weights()


def test_unknown_torchvision_name_is_refused():
    with pytest.raises(ValueError, match='torchvision has no weights called torchvision://resnet51'):
        encoder('torchvision://resnet51')


def test_file_that_would_run_code_is_refused(tmp_path):

    class Payload:
        def __reduce__(self):
            return Path.touch, (tmp_path / 'ran',)

    torch.save(dict(state_dict=Payload()), tmp_path / 'weights.pth')
    with pytest.raises(ValueError, match='executes no code'):
        encoder(tmp_path / 'weights.pth')
    assert not (tmp_path / 'ran').exists()
