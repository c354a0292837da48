import pytest
import torch
from torch import nn

from haresreid.models import CFFM, ConcatFusion


def test_cffm_is_a_matrix_at_every_position():
    fusion = CFFM(4, 4, 6)
    local_map, global_map = torch.randn(2, 4, 3, 2), torch.randn(2, 4, 3, 2)
    weight, bias = fusion.pointwise.conv.weight.flatten(1), fusion.pointwise.conv.bias
    fused = fusion(local_map, global_map)
    for b in range(2):
        for i in range(3):
            for j in range(2):
                expected = weight @ torch.cat((local_map[b, :, i, j], global_map[b, :, i, j])) + bias
                assert torch.allclose(fused[b, :, i, j], expected, atol=1e-6)


def test_cffm_starts_variance_preserving_and_takes_norm_and_activation():
    fusion = CFFM(256, 256, 512)
    assert fusion(torch.randn(2, 256, 8, 8), torch.randn(2, 256, 8, 8)).std().item() == pytest.approx(1, rel=0.1)
    assert not any(isinstance(module, (nn.BatchNorm2d, nn.ReLU)) for module in fusion.modules())
    fusion = CFFM(4, 4, 6, norm_cfg=dict(type='BN'), act_cfg=dict(type='ReLU'))
    assert fusion(torch.randn(2, 4, 3, 2), torch.randn(2, 4, 3, 2)).min() >= 0
    assert any(isinstance(module, nn.BatchNorm2d) for module in fusion.modules())


def test_cffm_of_a_narrower_global_map():
    assert CFFM(4, 2, 6)(torch.randn(2, 4, 3, 2), torch.randn(2, 2, 3, 2)).shape == (2, 6, 3, 2)


def test_concat_fusion_has_no_parameters():
    local_map, global_map = torch.randn(2, 4, 3, 2), torch.randn(2, 4, 3, 2)
    assert torch.equal(ConcatFusion(4, 4, 8)(local_map, global_map), torch.cat((local_map, global_map), dim=1))
    assert torch.equal(ConcatFusion(4, 4, 4)(local_map, global_map), local_map + global_map)
    assert not list(ConcatFusion(4, 4, 8).parameters())
    with pytest.raises(ValueError, match=r'gives 4 \(sum\) or 8 \(concatenation\) channels, not 6'):
        ConcatFusion(4, 4, 6)
    with pytest.raises(ValueError, match='maps of one width, not of 4 and 2 channels: set te_ratio=1'):
        ConcatFusion(4, 2, 6)
