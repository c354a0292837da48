import torch
import torch.nn.functional as F

from haresreid.models import FullyConnectedHead
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.arange(5))


def test_fc7_has_a_relu_and_the_classifier_reads_it():
    torch.manual_seed(0)
    head = FullyConnectedHead(8, 6, num_classes=3).eval()
    x = torch.randn(5, 8, 1, 1)
    features = head((x,), BATCH)
    embed = F.relu(x[:, :, 0, 0] @ head.fc7.weight.T + head.fc7.bias)
    torch.testing.assert_close(features['embed'], embed)
    torch.testing.assert_close(features['logits'], embed @ head.classifier.weight.T + head.classifier.bias)
    assert features[head.retrieval_feature] is features['embed'] and (embed == 0).any()


def test_in_training_inputs_of_both_layers_are_dropped():
    head = FullyConnectedHead(400, 300, num_classes=2)
    torch.nn.init.zeros_(head.fc7.weight)
    torch.nn.init.ones_(head.fc7.bias)
    dropped = []
    for layer in (head.fc7, head.classifier):
        layer.register_forward_pre_hook(lambda layer, args: dropped.append((args[0] == 0).float().mean().item()))
    torch.manual_seed(0)
    features = head((torch.ones(5, 400, 1, 1),), BATCH)
    assert all(0.4 < share < 0.6 for share in dropped)
    assert (features['embed'] == 1).all()  # retrieval and ranking see what is not dropped


def test_without_classes_there_are_no_logits():
    assert set(FullyConnectedHead(8, 6)((torch.ones(5, 8, 1, 1),), BATCH)) == {'embed'}
