import pytest
import torch
import torch.nn.functional as F

from haresreid.models import JigsawHead
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.unlabelled(torch.tensor([0, 0, 1, 1]))


@pytest.fixture
def tokens():
    return tuple(torch.randn(4, 6, generator=torch.Generator().manual_seed(part)) for part in range(4))


def test_each_token_has_a_norm_and_a_classifier_of_its_own(tokens):
    torch.manual_seed(0)
    head = JigsawHead(6, num_classes=5, num_parts=3)
    features = head(tokens, BATCH)
    normed = [F.batch_norm(token, None, None, head.bnnecks[i].weight, training=True) for i, token in enumerate(tokens)]
    for i, (name, scores) in enumerate(
        zip(('global', 'local_1', 'local_2', 'local_3'), ('global_logits', 'logits_1', 'logits_2', 'logits_3'))
    ):
        assert torch.equal(features[name], tokens[i])
        torch.testing.assert_close(features[scores], normed[i] @ head.classifiers[i].weight.T)
    for name, parts in (('embed', tokens), ('bn_embed', normed)):
        whole, *local = parts
        torch.testing.assert_close(features[name], torch.cat((whole, *(part / 3 for part in local)), dim=1))
    assert all(not bnneck.bias.requires_grad for bnneck in head.bnnecks)


def test_without_classifiers_and_under_autocast(tokens):
    head = JigsawHead(6, num_parts=3, test_feature='post_bn')
    features = head(tuple(token.bfloat16() for token in tokens), BATCH)
    assert sorted(features) == ['bn_embed', 'embed', 'global', 'local_1', 'local_2', 'local_3']
    assert features['embed'].dtype == torch.float32 and head.retrieval_feature == 'bn_embed'


def test_another_number_of_parts_is_refused(tokens):
    with pytest.raises(ValueError):
        JigsawHead(6, num_parts=4)(tokens, BATCH)
