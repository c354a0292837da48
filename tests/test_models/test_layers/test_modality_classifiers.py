import pytest
import torch

from haresreid.models.layers import ModalityClassifiers
from haresreid.structures import ReIDBatch

KINDS = torch.tensor([0, 1, 1, 0, 1])
BATCH = ReIDBatch.unlabelled(KINDS)


@pytest.fixture
def classifiers() -> ModalityClassifiers:
    torch.manual_seed(0)
    return ModalityClassifiers(6, 3).double()


@pytest.fixture
def feats() -> torch.Tensor:
    return torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_a_row_has_the_score_of_its_modality_and_that_of_the_others_mean(classifiers, feats):
    weights = [classifiers.visible.weight, classifiers.infrared.weight]
    means = [torch.randn(3, 6, dtype=torch.float64) for _ in weights]
    classifiers.visible_mean.copy_(means[0])
    classifiers.infrared_mean.copy_(means[1])
    for training in (True, False):
        own, other = classifiers.train(training)(feats, BATCH)
        if training:  # the means have moved before they score
            means = [mean + 0.2 * (weight - mean) for mean, weight in zip(means, weights)]
        for row, kind in enumerate(KINDS.tolist()):
            torch.testing.assert_close(own[row], weights[kind] @ feats[row], rtol=0, atol=1e-12)
            torch.testing.assert_close(other[row], means[1 - kind] @ feats[row], rtol=0, atol=1e-12)
        assert own.requires_grad and not other.requires_grad
        torch.testing.assert_close(classifiers.visible_mean, means[0], rtol=0, atol=1e-12)


# epochs from 0; the released code counts from 1: 0.2 * min(100 / (epoch + 1), 1)
@pytest.mark.parametrize('epoch, rate', [(0, 0.2), (97, 0.2), (98, 0.2), (99, 0.2 * 100 / 101), (139, 0.2 * 100 / 141)])
def test_the_rate_falls_late_in_the_training(classifiers, feats, epoch, rate):
    classifiers.infrared_mean.zero_()
    classifiers.set_epoch(epoch)
    classifiers(feats, BATCH)
    torch.testing.assert_close(classifiers.infrared_mean, rate * classifiers.infrared.weight.data, rtol=1e-12, atol=0)


def test_the_means_start_as_the_classifiers_and_are_kept_in_checkpoints_but_not_trained(classifiers):
    assert torch.equal(classifiers.visible_mean, classifiers.visible.weight)
    assert classifiers.visible_mean.data_ptr() != classifiers.visible.weight.data_ptr()
    assert {'visible_mean', 'infrared_mean'} < classifiers.state_dict().keys()
    assert [name for name, _ in classifiers.named_parameters()] == ['visible.weight', 'infrared.weight']


def test_a_row_of_no_or_of_a_third_modality_is_refused(classifiers, feats):
    for kind in (-1, 2):
        with pytest.raises(ValueError, match='some of the rows are neither: give the modality of each image'):
            classifiers(feats, ReIDBatch.unlabelled(torch.tensor([0, 1, 1, 0, kind])))
