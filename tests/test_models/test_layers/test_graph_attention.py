import json
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import GraphAttention

from ...test_converters.test_golden import weight

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


def slow_layer(layer, nodes, labels):
    """Node by node, over its neighbors: the images of the same person."""
    hidden = [layer.W.T @ node for node in nodes]
    outputs = []
    for i, own in enumerate(hidden):
        neighbors = [j for j, label in enumerate(labels.tolist()) if label == labels[i]]
        scores = [F.leaky_relu(layer.a[:, 0] @ torch.cat((own, hidden[j])), 0.2).exp() for j in neighbors]
        outputs.append(sum(score / sum(scores) * hidden[j] for score, j in zip(scores, neighbors)))
    return torch.stack(outputs)


def test_equals_loops_over_nodes_and_neighbors(ragged_batch):
    feats, labels, _ = ragged_batch
    torch.manual_seed(0)
    graph = GraphAttention(24, 9, num_heads=3, dropout=0).double()
    heads = torch.cat([F.elu(slow_layer(head, feats, labels)) for head in graph.heads], dim=1)
    expected = F.elu(slow_layer(graph.out, heads, labels))
    torch.testing.assert_close(graph(feats, labels), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4), (6, 8)])
def test_golden_values(golden_batch, num_ids, num_instances):
    feats, labels, _ = golden_batch(num_ids, num_instances)
    graph = GraphAttention(16, num_ids, num_heads=2, dropout=0).double()
    for name, layer in (('attention_0', graph.heads[0]), ('attention_1', graph.heads[1]), ('out_att', graph.out)):
        layer.W.data = weight(f'{name}.W', list(layer.W.shape)).double()
        layer.a.data = weight(f'{name}.a', list(layer.a.shape)).double()
    loss = F.cross_entropy(graph(feats, labels), labels)
    loss.backward()
    value, gradient = GOLDEN[f'ddag_graph_nll P{num_ids}K{num_instances}']
    assert loss.item() == pytest.approx(value, abs=1e-8)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, abs=1e-6)


def test_starts_with_xaviers_weights_of_gain_1_414():
    layer = GraphAttention(512, 32).heads[0]
    for matrix, fans in ((layer.W, 512 + 128), (layer.a, 256 + 1)):
        bound = 1.414 * math.sqrt(6 / fans)
        assert matrix.abs().max() <= bound and matrix.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.1)
