import cv2
import numpy as np
import pytest
import torch
from torch import nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample
from haresreid.visualization import cam_layers, grad_cam
from haresreid.visualization.grad_cam import cam_features

CELL = 16  # pixels: one cell of the last map, 6 x 3 of them
RED, BLUE = torch.tensor([4.0, 0, 0]), torch.tensor([0, 0, 4.0])
LAYERS = [f'{part}{stage}' for part in ('RE', 'TE', 'CLS', 'CFFM') for stage in range(1, 5)]


def image(cells, size=(96, 48)):
    """An empty image with a coloured square in some cells: (1, 3, H, W)."""
    inputs = torch.zeros(1, 3, *size)
    for (row, column), colour in cells.items():
        inputs[0, :, row * CELL : row * CELL + 8, column * CELL : column * CELL + 8] = colour[:, None, None]
    return inputs


def cams_of(model, inputs, name):
    """The similarity to an image that is red elsewhere, in a layer: (B, H, W)."""
    layer = cam_layers(model)[name]
    with torch.no_grad():
        reference = cam_features(model, image({(2, 1): RED}), None, layer.feature)
    return grad_cam(model, inputs, None, reference.repeat(len(inputs), 1), layer)


def cell_of_maximum(cam):
    return tuple(int(index) // CELL for index in np.unravel_index(cam.argmax(), cam.shape))


def test_layers_of_haresformer(red_and_blue):
    assert list(cam_layers(red_and_blue)) == LAYERS


@pytest.mark.parametrize('name', LAYERS)
def test_the_red_cell_is_lit_at_every_stage(red_and_blue, name):
    places = [((0, 0), (5, 2)), ((5, 0), (0, 2)), ((3, 1), (3, 0)), ((4, 2), (1, 0))]  # of red and of blue
    cams = cams_of(red_and_blue, torch.cat([image({red: RED, blue: BLUE}) for red, blue in places]), name)
    assert cams.shape == (4, 96, 48)
    for cam, (red, blue) in zip(cams, places):
        assert cam.max() == pytest.approx(1, abs=1e-5)
        assert cell_of_maximum(cam) == red
        at_blue = cam[blue[0] * CELL : (blue[0] + 1) * CELL, blue[1] * CELL : (blue[1] + 1) * CELL]
        assert at_blue[2:6, 2:6].max() < 0.2  # what is left there is interpolated from the neighbours


@pytest.mark.parametrize('name', ['RE4', 'TE1', 'TE4', 'CLS4', 'CFFM4'])
def test_another_image_size(red_and_blue, name):
    cells = [(1, 3), (3, 0)]  # of an image that is as wide as high, unlike the model's own
    inputs = torch.cat([image({cell: RED, (0, 0): BLUE}, (64, 64)) for cell in cells])
    assert [cell_of_maximum(cam) for cam in cams_of(red_and_blue, inputs, name)] == cells


def test_nothing_is_lit_in_an_empty_image(red_and_blue):
    for name in ('RE1', 'TE4', 'CLS4', 'CFFM4'):
        assert not cams_of(red_and_blue, image({}), name).any()


@pytest.mark.parametrize('name', ['RE4', 'TE4', 'CFFM4'])
def test_equals_a_loop_over_channels(red_and_blue, name):
    torch.manual_seed(0)
    inputs = torch.randn(2, 3, 96, 48)
    layer = cam_layers(red_and_blue)[name]
    references = nn.functional.normalize(torch.randn(2, 64))
    cams = grad_cam(red_and_blue, inputs, None, references, layer)
    for row in range(2):
        expected = slow_cam(red_and_blue, inputs[row : row + 1], references[row : row + 1], layer)
        np.testing.assert_allclose(cams[row], expected, rtol=0, atol=1e-5)


def slow_cam(model, inputs, references, layer, grid=(6, 3)):
    """Of one image: each channel weighted by its mean gradient, summed, resized by OpenCV and scaled."""
    maps = []
    handle = layer.module.register_forward_hook(lambda module, args, output: maps.append(output))
    score = (cam_features(model, inputs, None, layer.feature) * references).sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(score, maps)
    values, gradient = (
        (array[0] if array.dim() == 4 else array[0, 1:].T.reshape(-1, *grid)).detach().numpy()  # (C, 6, 3)
        for array in (maps[0], gradient)
    )
    total = np.zeros(grid, np.float32)
    for value, slope in zip(values, gradient):
        total += slope.mean() * value
    total = np.maximum(total, 0)
    resized = cv2.resize((total - total.min()) / (total.max() - total.min()), inputs.shape[:1:-1])
    return (resized - resized.min()) / (resized.max() - resized.min())


@pytest.mark.parametrize('name', ['RE1', 'RE2', 'RE3', 'RE4'])
def test_streams_of_a_cnn_light_their_own_images_in_one_batch(red_and_blue, name):
    torch.manual_seed(0)
    backbone = dict(type='TwoStreamResNet', depth=18, base_channels=8, num_specific=3)
    head = dict(type='BNNeckHead', num_classes=2, in_channels=64)
    model = MODELS.build(dict(type='VIReID', backbone=backbone, head=head)).eval()
    # both streams hand on the amounts of red and blue, but infrared's takes red for blue
    weights = red_and_blue.backbone.encoder.state_dict()
    model.backbone.load_state_dict(weights, strict=False)
    model.backbone.infrared.load_state_dict(
        {key: value for key, value in weights.items() if key in model.backbone.infrared.state_dict()}
    )
    model.backbone.infrared.conv1.weight.data = model.backbone.infrared.conv1.weight.data.flip(1)
    model.head.bnneck.weight.data.fill_(1)
    inputs = image({(0, 0): RED, (5, 2): BLUE}).repeat(4, 1, 1, 1)
    samples = [ReIDDataSample(metainfo=dict(modality=modality)) for modality in (1, 0, 0, 1)]
    reference = nn.functional.normalize(torch.eye(64)[:1])  # red, to the eyes of either stream
    assert list(cam_layers(model)) == ['RE1', 'RE2', 'RE3', 'RE4']
    cams = grad_cam(model, inputs, samples, reference.repeat(4, 1), cam_layers(model)[name])
    assert [cell_of_maximum(cam) for cam in cams] == [(5, 2), (0, 0), (0, 0), (5, 2)]


@pytest.mark.parametrize('size, stride, grid', [((96, 48), 8, (11, 5)), ((288, 144), 12, (23, 11))])
def test_a_vision_transformer_is_shown_where_its_patches_still_reach_the_class_token(size, stride, grid):
    torch.manual_seed(1)
    arch = dict(embed_dims=24, num_layers=3, num_heads=2, feedforward_channels=48)
    backbone = dict(type='ReIDVisionTransformer', arch=arch, img_size=size, stride=stride)
    head = dict(type='BNNeckHead', in_channels=24, pooling=dict(type='ClassToken'))
    model = MODELS.build(dict(type='VIReID', backbone=backbone, head=head)).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)
    inputs = torch.randn(2, 3, *size)
    references = nn.functional.normalize(torch.randn(2, 24))
    assert list(cam_layers(model)) == ['block1', 'block2', 'block3']
    for name, layer in cam_layers(model).items():
        cams = grad_cam(model, inputs, None, references, layer)
        assert cams.shape == (2, *size) and cams.max() == pytest.approx(1, abs=1e-5), name
        for row in range(2):
            expected = slow_cam(model, inputs[row : row + 1], references[row : row + 1], layer, grid)
            np.testing.assert_allclose(cams[row], expected, rtol=0, atol=1e-4, err_msg=name)


def test_gradients_are_cleared(red_and_blue):
    cams_of(red_and_blue, image({(0, 0): RED}), 'TE2')
    assert all(parameter.grad is None for parameter in red_and_blue.parameters())


def test_a_backbone_without_stages(red_and_blue):
    red_and_blue.backbone = nn.Conv2d(3, 8, 3)
    with pytest.raises(ValueError, match='This Conv2d names no stages, whose maps could be shown'):
        cam_layers(red_and_blue)
