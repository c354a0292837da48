"""haresreid: the toolbox for visible-infrared person re-identification."""

import warnings

# mmcv-lite says at import that an operator is missing which nothing here uses
warnings.filterwarnings('ignore', message='Fail to import ``MultiScaleDeformableAttention``')

__version__ = '0.1.0'
