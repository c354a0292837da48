"""NFS (CVPR 2021), as described: gates that select channels and pixels behind each stage, and a contrastive loss.

Its abstract gives neither cell nor schedule: the metafile says which parts are our reading.
"""

from mmengine.config import read_base

from haresreid.models import FeatureSelection, InfoNCELoss

with read_base():
    from .two_stream import *

model.backbone.update(plugins={f'layer{stage}': dict(type=FeatureSelection) for stage in (1, 2, 3, 4)})
model.criterion.losses.pop('tri')
model.criterion.losses.update(contrast=dict(type=InfoNCELoss, feature='embed', weight=1.0))
