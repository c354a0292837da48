from types import SimpleNamespace

import pytest

from haresreid.engine import ClassCountHook


def make_runner(outputs: int, identities: int) -> SimpleNamespace:
    head = SimpleNamespace(num_classes=outputs)
    dataset = SimpleNamespace(metainfo=dict(num_classes=identities))
    return SimpleNamespace(model=SimpleNamespace(head=head), train_dataloader=SimpleNamespace(dataset=dataset))


def test_equal_numbers_pass():
    ClassCountHook().before_train(make_runner(5, 5))


@pytest.mark.parametrize('outputs', [4, 6])
def test_other_numbers_are_refused_with_the_right_one(outputs):
    with pytest.raises(ValueError, match='5 identities.*set model.head.num_classes=5'):
        ClassCountHook().before_train(make_runner(outputs, 5))
