"""OSNet of deep-person-reid (Zhou et al., ICCV 2019), whose names are ours."""

from ..weight_format import WeightFormat

__all__ = ['OSNET']

OSNET = WeightFormat(
    'deep-person-reid',
    sign='conv1.conv.weight',
    names={},
    dropped={'fc.': 'the layer behind the pooling', 'classifier.': 'the classifier'},
)
