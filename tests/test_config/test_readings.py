import pytest

from haresreid.config.readings import refuse_another_reading

FINAL_NORM = [f'backbone.transformers.{stage}.norm.{name}' for stage in range(4) for name in ('weight', 'bias')]
FUSION_NORM = [f'backbone.fusions.3.pointwise.bn.{name}' for name in ('weight', 'bias', 'running_mean')]
FUSION_BIAS = ['backbone.fusions.3.pointwise.conv.bias']
KEEP_NORM, NO_FUSION_NORM = 'model.backbone.stage.final_norm=True', 'model.backbone.fusion.norm_cfg=None'


@pytest.mark.parametrize(
    'missing, unexpected, options',
    [
        ([], FINAL_NORM, KEEP_NORM),
        (FUSION_NORM, FUSION_BIAS, NO_FUSION_NORM),
        (FUSION_NORM, FINAL_NORM + FUSION_BIAS, f'{KEEP_NORM} {NO_FUSION_NORM}'),
    ],
)
def test_a_checkpoint_of_release_0_1_is_refused_with_the_options_that_it_needs(missing, unexpected, options):
    with pytest.raises(ValueError, match=f'^checkpoint run.pth was made with .* it fits with {options}, in the config'):
        refuse_another_reading('run.pth', missing, unexpected)


@pytest.mark.parametrize(
    'missing, unexpected',
    [
        ([], []),
        (['backbone.layer1.weight'], FINAL_NORM),  # more than the reading differs
        ([], ['backbone.transformers.0.layers.0.norm1.weight']),
        (FINAL_NORM, []),
    ],
)
def test_whatever_else_differs_is_not_its_concern(missing, unexpected):
    refuse_another_reading('run.pth', missing, unexpected)
