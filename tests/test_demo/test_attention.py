import numpy as np
import pytest

from haresreid.apis import VIReIDInferencer, get_model
from haresreid.apis.torch_backend import TorchBackend
from haresreid.demo.attention import attention_map
from haresreid.structures import Modality


@pytest.fixture
def query():
    return np.random.default_rng(0).integers(0, 255, (120, 50, 3), dtype=np.uint8)


def map_of(model, query) -> np.ndarray | None:
    inferencer = VIReIDInferencer(TorchBackend(model))
    answer = inferencer(query, Modality.VISIBLE).features[0]
    return attention_map(inferencer, query, Modality.INFRARED, answer)


@pytest.mark.parametrize(
    'name', ['haresformer_lite_synth', 'baselines/agw_synth', 'baselines/tvtr_synth', 'light_synth']
)
def test_a_model_of_any_family_has_a_map(name, query):
    seen = map_of(get_model(f'configs/{name}.py'), query)
    assert seen.shape == (96, 48, 3) and seen.dtype == np.uint8
    assert np.ptp(seen.astype(int) - seen.min(axis=2, keepdims=True)) > 0, 'it is colored somewhere'


def test_a_backbone_without_named_stages_has_none(query, monkeypatch):
    model = get_model('configs/baselines/agw_synth.py')
    monkeypatch.setattr(type(model.backbone), 'stages', lambda self: {})
    assert map_of(model, query) is None


def test_an_exported_model_has_none(inferencer, query):
    assert attention_map(inferencer, query, Modality.VISIBLE, np.zeros(8, np.float32)) is None
