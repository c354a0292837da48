"""A whole MMEngine training in a tenth of a second."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import ClassVar

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import Tensor, nn

BATCH, ITERATIONS = 4, 8


class Batches(torch.utils.data.Dataset):
    """Vectors, of which those named are NaN."""

    metainfo: ClassVar = {}

    def __init__(self, bad: tuple[int, ...] = ()) -> None:
        self.vectors = torch.randn(ITERATIONS * BATCH, 6, generator=torch.Generator().manual_seed(0))  # (N, 6)
        self.vectors[list(bad)] = float('nan')

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, index: int) -> dict:
        sample = SimpleNamespace(img_path=f'image_{index}.jpg', target=self.vectors[index].nan_to_num().sum())
        return dict(inputs=self.vectors[index], data_samples=sample)


class Regression(BaseModel):
    """Body, batch norm and head, so that there is something before and behind the statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.norm, self.head = nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 1)

    def forward(self, inputs: list[Tensor], data_samples: list, mode: str = 'loss') -> dict[str, Tensor]:
        predicted = self.head(self.norm(self.body(torch.stack(inputs)))).squeeze(1)  # (B,)
        return dict(loss_square=(predicted - torch.stack([sample.target for sample in data_samples])).square().mean())


@pytest.fixture
def train(tmp_path) -> Callable[..., Runner]:
    """``train(hooks, bad=(2,), **settings)`` trains on vectors of which some are NaN, and returns the runner."""

    def run(hooks: dict, bad: tuple[int, ...] = (), name: str = 'run', epochs: int = 1, **settings) -> Runner:
        torch.manual_seed(0)
        optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.01), **settings.pop('optim_wrapper', {}))
        runner = Runner(
            Regression(),
            str(tmp_path / name),
            default_scope='haresreid',
            experiment_name=f'{tmp_path.name}_{name}',
            optim_wrapper=optim_wrapper,
            train_dataloader=dict(
                dataset=Batches(bad), batch_size=BATCH, sampler=dict(type='DefaultSampler', shuffle=False)
            ),
            train_cfg=dict(by_epoch=True, max_epochs=epochs),
            randomness=dict(seed=0),
            default_hooks=dict(logger=dict(type='LoggerHook', interval=2), **hooks),
            **settings,
        )
        runner.train()
        return runner

    return run
