import cv2
import numpy as np
import pytest

from haresreid.video.detectors import open_detector

FRAME = np.zeros((120, 160, 3), np.uint8)


def test_hog_cuts_the_margins_of_its_windows(monkeypatch):
    seen = []

    class Descriptor:
        getDefaultPeopleDetector = staticmethod(lambda: 'weights')

        def setSVMDetector(self, weights):
            seen.append(weights)

        def detectMultiScale(self, pixels, **options):
            return np.array([[10, 20, 64, 128]]), np.array([0.5])

    monkeypatch.setattr(cv2, 'HOGDescriptor', Descriptor, raising=False)
    corners, scores = open_detector('hog')(FRAME)
    np.testing.assert_allclose(corners, [[22.8, 32.8, 61.2, 135.2]])
    assert scores.tolist() == [0.5] and seen == ['weights']
    monkeypatch.setattr(Descriptor, 'detectMultiScale', lambda *args, **options: ((), ()))
    corners, scores = open_detector('hog')(FRAME)
    assert corners.shape == (0, 4) and scores.shape == (0,)


def test_hog_of_this_opencv():
    if not hasattr(cv2, 'HOGDescriptor'):
        with pytest.raises(ValueError, match=r"has no HOG detector, .* pip install 'opencv-python<5'"):
            open_detector('hog')
        return
    corners, scores = open_detector('hog')(FRAME)
    assert corners.shape == (0, 4) and scores.shape == (0,)


def constants(path, size=(60, 80), **outputs):
    """An ONNX file with an image as input, whose outputs are always these."""
    onnx = pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    nodes = [
        onnx.helper.make_node('Constant', [], [name], value=onnx.numpy_helper.from_array(np.asarray(array)))
        for name, array in outputs.items()
    ]
    infos = [
        onnx.helper.make_tensor_value_info(
            name, onnx.helper.np_dtype_to_tensor_dtype(np.asarray(array).dtype), np.shape(array)
        )
        for name, array in outputs.items()
    ]
    image = onnx.helper.make_tensor_value_info('image', onnx.TensorProto.FLOAT, [1, 3, *size])
    graph = onnx.helper.make_graph(nodes, 'detector', [image], infos)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 17)], ir_version=9)
    onnx.save(model, path)
    return str(path)


# two people and something else, in pixels of an input of half the frame's size
PEOPLE = np.array([[5, 6, 25, 56], [40, 6, 60, 56]], 'f4')
YOLO = np.zeros((1, 4 + 3, 5), 'f4')
YOLO[0, :4] = np.array([[15, 31, 20, 50], [16, 31, 20, 50], [50, 31, 20, 50], [30, 30, 9, 9], [15, 31, 20, 50]]).T
YOLO[0, 4] = 0.9, 0.8, 0.7, 0.1, 0.2  # the second is the first once more, the last one weak
YOLO[0, 5] = 0, 0, 0, 0.95, 0


@pytest.mark.parametrize(
    'outputs',
    [
        dict(
            boxes=np.vstack([PEOPLE, PEOPLE[:1], PEOPLE[:1]]),
            labels=np.array([1, 1, 3, 1]),
            scores=np.array([0.9, 0.7, 0.9, 0.2], 'f4'),
        ),
        dict(output0=np.array([[[*PEOPLE[0], 0.9, 0], [*PEOPLE[1], 0.7, 0], [*PEOPLE[1], 0.9, 2]]], 'f4')),
        dict(output0=YOLO),
    ],
)
def test_the_layouts_of_onnx_detectors(tmp_path, outputs):
    detector = open_detector(constants(tmp_path / 'people.onnx', **outputs))
    corners, scores = detector(FRAME)
    np.testing.assert_allclose(corners, 2 * PEOPLE, rtol=1e-5)
    np.testing.assert_allclose(scores, [0.9, 0.7], rtol=1e-5)
    assert detector.name.startswith('people.onnx ')


def test_a_frame_keeps_its_proportions(tmp_path):
    detector = open_detector(constants(tmp_path / 'people.onnx', size=(64, 64), output0=YOLO))
    image, scale = detector._fitted(FRAME)
    assert image.shape == (64, 64, 3) and scale == 0.4
    assert (image[:48] == 0).all() and (image[48:] == 114).all()


def test_onnx_files_that_are_no_detector(tmp_path):
    with pytest.raises(FileNotFoundError, match='there is no detector'):
        open_detector(str(tmp_path / 'no.onnx'))
    path = constants(tmp_path / 'bad.onnx', output0=np.zeros((1, 10), 'f4'))
    with pytest.raises(ValueError, match=r'bad.onnx .* gives .*output0.*: a detector takes one image'):
        open_detector(path)(FRAME)
    (tmp_path / 'text.onnx').write_text('text')
    with pytest.raises(ValueError, match='text.onnx cannot be run'):
        open_detector(str(tmp_path / 'text.onnx'))


def test_torchvision(monkeypatch, tmp_path):
    torch = pytest.importorskip('torch')
    name = 'ssdlite320_mobilenet_v3_large'

    class Stub(torch.nn.Linear):
        """Gives what torchvision's detectors give."""

        def forward(self, images):
            assert images[0].shape == (3, 120, 160) and images[0].max() == 1
            boxes = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 9, 10, 10]])
            return [dict(boxes=boxes, labels=torch.tensor([1, 2, 1]), scores=torch.tensor([0.9, 0.9, 0.1]))]

    monkeypatch.setattr('torchvision.models.get_model', lambda asked, **weights: Stub(2, 3) if asked == name else None)
    torch.save(Stub(2, 3).state_dict(), tmp_path / 'ssd.pth')
    detector = open_detector(name, tmp_path / 'ssd.pth', 'cpu')
    corners, scores = detector(FRAME + 255)
    assert corners.tolist() == [[1, 2, 3, 4]] and scores.round(3).tolist() == [0.9]
    assert detector.name.startswith(f'{name} ') and open_detector(name).name == name
    with pytest.raises(ValueError, match="there is no detector 'yolo': give hog, an .onnx file or one of fasterrcnn"):
        open_detector('yolo')
    with pytest.raises(FileNotFoundError, match='there are no weights'):
        open_detector(name, tmp_path / 'no.pth')
