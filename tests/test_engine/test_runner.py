from types import SimpleNamespace

import pytest
from torch import nn

from haresreid.engine import ReIDRunner
from haresreid.models import Criterion, IDLoss, Ramp


def test_a_schedule_that_nothing_follows_is_refused():
    model = nn.Module()
    model.criterion = Criterion(
        dict(id=dict(type=IDLoss, feature='logits', weight=dict(type=Ramp, to=2.0, begin=0.5, end=1.0)))
    )
    with pytest.raises(ValueError, match='losses id have a schedule, and nothing moves them: add loss_weights='):
        ReIDRunner.build_train_loop(SimpleNamespace(model=model, hooks=[]), dict())
