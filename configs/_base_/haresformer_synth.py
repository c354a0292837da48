"""HAResformer, narrow, on SynVI: what its trainings share."""

from mmengine.config import read_base

from haresreid.models import Ramp, WeightedRegularizedTripletLoss

with read_base():
    from .datasets.synvi import *
    from .default_runtime import *
    from .models.haresformer import *
    from .schedules.adamw_synth import *

# a ResNet-18-like encoder of 16 to 128 channels
model.backbone.encoder.update(depth=18, base_channels=16, pretrained=None)
model.backbone.update(img_size=(96, 48))
model.backbone.stage.update(init_std=0.08)
model.backbone.fusion.update(act_cfg=dict(type='ReLU'))
# Not in the paper. Without these, or at a higher rate, the transformers end up giving every image the same output.
model.backbone.stage.update(cls_self_attention=False, output_norm=True)
model.head.update(stage_channels=(16, 32, 64, 128), init_std=0.08)

model.criterion.losses.update(
    wr_tri=dict(type=WeightedRegularizedTripletLoss, beside='hc_tri', weight=1.0),
    wr_tri_aux=dict(type=WeightedRegularizedTripletLoss, beside='aux', weight=0.5),
)
ramp = dict(type=Ramp, begin=0.6, end=0.8)
model.criterion.losses.hc_tri.update(weight=dict(ramp, to=2.0))
model.criterion.losses.mmd.update(weight=dict(ramp, to=0.25))
model.criterion.losses.aux.update(weight=dict(ramp, to=0.5))

optim_wrapper.clip_grad = dict(max_norm=2)
optim_wrapper.paramwise_cfg.update(custom_keys=dict(transformers=dict(lr_mult=0.125), hgae=dict(lr_mult=0.125)))
