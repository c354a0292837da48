from types import SimpleNamespace
from unittest.mock import create_autospec

import pytest
import torch
from mmengine.runner import EpochBasedTrainLoop
from torch import nn

from haresreid.engine import CheckpointGuardHook


class Model(nn.Module):
    """The smallest model with a body and a classifier."""

    def __init__(self, width: int = 4, num_classes: int = 3) -> None:
        super().__init__()
        self.body = nn.Linear(2, width, bias=False)
        self.head = nn.Module()
        self.head.classifier = nn.Linear(width, num_classes, bias=False)

    def training_only(self) -> tuple[str, ...]:
        return ('head.classifier',)


def make_runner(model: nn.Module, resume: bool = False, metainfo: dict | None = None) -> SimpleNamespace:
    loop = SimpleNamespace(
        dataloader=SimpleNamespace(dataset=SimpleNamespace(metainfo=metainfo or {'dataset': 'LLCM'}))
    )
    return SimpleNamespace(
        model=model,
        cfg=SimpleNamespace(model=dict(head=dict(type='BNNeckHead'))),
        _load_from='run.pth',
        _resume=resume,
        _train_loop=None,
        _val_loop=None,
        _test_loop=loop,
    )


def check(model: nn.Module, state_dict: dict, resume: bool = False) -> None:
    CheckpointGuardHook().after_load_checkpoint(make_runner(model, resume), {'state_dict': state_dict})


def test_its_own_checkpoint_passes():
    check(Model(), Model().state_dict())


def test_another_width_is_refused_with_the_shapes():
    with pytest.raises(ValueError, match=r'another architecture.*body\.weight is \(8, 2\) and should be \(4, 2\)'):
        check(Model(), Model(width=8).state_dict())


def test_missing_and_unknown_weights_are_named():
    with pytest.raises(ValueError, match=r'missing: body\.weight.*unknown to the model: stem\.weight'):
        check(Model(), {'head.classifier.weight': torch.zeros(3, 4), 'stem.weight': torch.zeros(1)})


def test_a_checkpoint_of_another_reading_of_the_paper_is_told_the_option():

    def transformer(final_norm: bool) -> nn.Module:
        model = Model()
        model.backbone = nn.Module()
        stage = nn.Module()
        stage.norm = nn.LayerNorm(4) if final_norm else nn.Identity()
        model.backbone.transformers = nn.ModuleList([stage])
        return model

    check(transformer(False), transformer(False).state_dict())
    with pytest.raises(ValueError, match=r'run\.pth was made with another reading .*backbone\.stage\.final_norm=True'):
        check(transformer(False), transformer(True).state_dict())


def test_released_weights_need_no_classifier_but_a_resumed_run_does():
    released = {name: value for name, value in Model().state_dict().items() if 'classifier' not in name}
    check(Model(), released)
    with pytest.raises(ValueError, match=r'missing: head\.classifier\.weight'):
        check(Model(), released, resume=True)


def test_another_number_of_identities_may_be_tested_or_started_from_but_not_resumed():
    other = Model(num_classes=9).state_dict()
    check(Model(), other)
    with pytest.raises(ValueError, match='classifier'):
        check(Model(), other, resume=True)


def test_so_may_the_classifiers_of_stripes():

    def stripes(num_classes: int) -> nn.Module:
        model = Model()
        model.head.classifiers = nn.ModuleList([nn.Linear(4, num_classes)])
        return model

    check(stripes(3), stripes(9).state_dict())
    with pytest.raises(ValueError, match='classifiers.0.weight is'):
        check(stripes(3), stripes(9).state_dict(), resume=True)


@pytest.mark.parametrize('trained, tested, refused', [(1, 1, False), (1, 2, True)])
def test_regdb_splits_must_agree(trained, tested, refused):
    model = Model()
    runner = make_runner(model, metainfo={'dataset': 'RegDB', 'split': tested})
    checkpoint = {'state_dict': model.state_dict(), 'meta': {'dataset_meta': {'dataset': 'RegDB', 'split': trained}}}
    if refused:
        with pytest.raises(ValueError, match='trained on split 1 of RegDB, and split 2'):
            CheckpointGuardHook().after_load_checkpoint(runner, checkpoint)
    else:
        CheckpointGuardHook().after_load_checkpoint(runner, checkpoint)


def saved_as(head: str) -> dict:
    runner = make_runner(Model())
    runner.cfg.model['head']['type'] = head
    checkpoint = {'state_dict': Model().state_dict(), 'meta': {}}
    CheckpointGuardHook().before_save_checkpoint(runner, checkpoint)
    return checkpoint


@pytest.mark.parametrize('resume', [False, True])
def test_a_checkpoint_of_other_classes_is_neither_tested_nor_resumed(resume):
    CheckpointGuardHook().after_load_checkpoint(make_runner(Model(), resume), saved_as('BNNeckHead'))
    with pytest.raises(ValueError, match=r'run\.pth is of another model .*\(head LbAHead instead of BNNeckHead\)'):
        CheckpointGuardHook().after_load_checkpoint(make_runner(Model(), resume), saved_as('LbAHead'))


def test_a_training_may_start_from_a_checkpoint_of_other_classes():
    runner = make_runner(Model())
    runner._train_loop = create_autospec(EpochBasedTrainLoop, instance=True)
    runner._train_loop.dataloader = runner._test_loop.dataloader
    CheckpointGuardHook().after_load_checkpoint(runner, saved_as('LbAHead'))
