from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import HistoryBuffer
from torch import nn

from haresreid.engine import CollapseHook
from haresreid.engine.hooks.collapse_hook import mean_similarity

DISTINCT = torch.eye(8)

MARGIN, CLASSES = 0.3, 50


class Log(list):
    """Stands for the logger: keeps its warnings."""

    def warning(self, message: str) -> None:
        self.append(message)


class Hub(dict):
    """Stands for the message hub: a history by name."""

    def get_scalar(self, name: str) -> HistoryBuffer:
        return self.setdefault(name, HistoryBuffer())


class Model(nn.Module):
    """Its retrieval features are the images."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.criterion = nn.Module(), nn.Module()
        self.head.num_classes = CLASSES
        self.data_preprocessor = lambda data, training: data

    def forward(self, inputs: torch.Tensor, data_samples: list) -> dict[str, torch.Tensor]:
        return dict(embed=inputs)

    def frames_of(self, inputs: torch.Tensor, data_samples: list) -> int:
        return 1

    def retrieval(self, features: dict[str, torch.Tensor], inputs: torch.Tensor, frames: int) -> torch.Tensor:
        return nn.functional.normalize(features['embed'])


def run(
    values: list[float],
    weights: list[float] | None = None,
    features: torch.Tensor = DISTINCT,
    accuracy: float | None = 50.0,
    **settings,
) -> Log:
    """Feed a hetero-centre triplet's values to the hook; return what it warned."""
    log, hub, model = Log(), Hub(), Model()
    hook = CollapseHook(window=10, **settings)
    outputs = dict.fromkeys(['loss_hc_tri', *([] if accuracy is None else ['acc_id'])])
    for iteration, value in enumerate(values):
        weight = weights[iteration] if weights else 1.0
        model.criterion.collapse_values = lambda _, weight=weight: {'loss_hc_tri': weight * MARGIN}
        hub.get_scalar('train/loss_hc_tri').update(weight * value)
        if accuracy is not None:
            hub.get_scalar('train/acc_id').update(accuracy)
        runner = SimpleNamespace(model=model, iter=iteration, logger=log, message_hub=hub, train_dataloader=range(6))
        hook.after_train_iter(runner, iteration, dict(inputs=features, data_samples=[]), outputs)
    return log


def test_a_loss_that_stays_at_its_collapse_value_is_named():
    log = run([MARGIN] * 20)
    assert len(log) == 1 and 'loss_hc_tri has stayed at 0.3' in log[0] and 'up to 20' in log[0]


def test_it_is_also_found_while_a_ramp_changes_the_weight():
    assert len(run([MARGIN] * 20, weights=[0.1 * (i + 1) for i in range(20)])) == 1


@pytest.mark.parametrize(
    'values',
    [
        [MARGIN] * 10 + [0.2] * 20,  # where every training starts, then learning
        [0.5] * 30,
    ],
)
def test_a_learning_loss_gives_no_warning(values):
    assert run(values) == []


def test_a_loss_whose_weight_is_zero_is_left_out():
    assert run([MARGIN] * 20, weights=[0.0] * 20) == []


def test_features_that_are_all_alike_are_found_though_no_loss_tells():
    alike = torch.ones(8, 8) + 0.1 * torch.eye(8)
    log = run([0.5] * 20, features=alike)
    assert len(log) == 1 and 'all alike (mean cosine 0.999)' in log[0]
    assert run([0.5] * 10, features=alike) == []  # the first window


def test_windows_begin_after_a_warm_up_without_re_identification(monkeypatch):
    monkeypatch.setattr(Model, 'warmup', 2, raising=False)
    assert run([MARGIN] * 31) == []  # 12 iterations of warm-up, and the first window
    (line,) = run([MARGIN] * 32)
    assert 'up to 32' in line


def test_accuracy_at_chance_is_found_after_a_long_time():
    assert run([0.5] * 30, accuracy=2.0) == []
    log = run([0.5] * 40, accuracy=2.0)
    assert len(log) == 1 and 'acc_id is 2.00 percent, and guessing gives 2.00' in log[0]
    assert run([0.5] * 40, accuracy=5.0) == []


def test_a_model_without_a_classifier_has_no_accuracy_to_look_at():
    assert run([0.5] * 40, accuracy=None) == []


def test_it_stops_on_request():
    with pytest.raises(ValueError, match='training stopped: .*loss_hc_tri has stayed at 0.3'):
        run([MARGIN] * 20, action='stop')
    with pytest.raises(ValueError, match="must be 'warn' or 'stop', not 'skip'"):
        CollapseHook(action='skip')


def test_similarity_is_the_mean_over_all_pairs_and_leaves_the_model_training():
    features = torch.randn(6, 4)
    model = Model().train()
    cosines = [
        nn.functional.cosine_similarity(features[i], features[j], dim=0) for i in range(6) for j in range(6) if i != j
    ]
    found = mean_similarity(model, dict(inputs=features, data_samples=[]))
    assert found == pytest.approx(float(sum(cosines) / len(cosines)), abs=1e-6) and model.training
