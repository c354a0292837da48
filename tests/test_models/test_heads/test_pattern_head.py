import torch

from haresreid.models import PatternHead
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1, 1]))


def make_map() -> torch.Tensor:
    return torch.randn(3, 8, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_the_parts_are_means_under_the_masks_and_the_whole_map_comes_last():
    torch.manual_seed(0)
    head = PatternHead(8, num_classes=5, num_patterns=3).double()
    x = make_map()
    features = head((x,), BATCH)
    weight = head.masks.weight.view(3, 8)
    for image, embed, flat in zip(x, features['embed'], features['masks']):
        masks = torch.sigmoid(torch.einsum('pc,chw->phw', weight, image))  # the bias starts at zero
        vectors = [(mask * image).sum((1, 2)) / 8 for mask in masks]  # 8 positions
        torch.testing.assert_close(embed, torch.cat([*vectors, image.mean((1, 2))]), rtol=0, atol=1e-12)
        torch.testing.assert_close(flat, masks.flatten(1), rtol=0, atol=1e-12)
    torch.testing.assert_close(features['logits'], features['bn_embed'] @ head.classifier.weight.T)


def test_what_training_alone_needs_is_left_out_in_evaluation():
    head = PatternHead(8, num_classes=5).double()
    assert {'own_logits', 'other_logits'} < head((make_map(),), BATCH).keys()
    unknown = ReIDBatch.unlabelled(torch.tensor([-1, -1, -1]))
    assert head.eval()((make_map(),), unknown).keys() == {'embed', 'masks', 'bn_embed', 'logits'}
    assert PatternHead(8).double()((make_map(),), BATCH).keys() == {'embed', 'masks', 'bn_embed'}
    assert head.training_only == ('classifier', 'modality_classifiers')


def test_it_starts_as_in_the_released_code():
    """Norms at one, and classifiers uniform within 1 / sqrt(D), which is PyTorch's rule."""
    torch.manual_seed(0)
    head = PatternHead(64, num_classes=50)
    assert (head.bnneck.weight == 1).all() and (head.masks.bias == 0).all()
    bound = (7 * 64) ** -0.5
    for classifier in (head.classifier, head.modality_classifiers.visible, head.modality_classifiers.infrared):
        largest = classifier.weight.abs().max().item()
        assert 0.99 * bound < largest <= bound
