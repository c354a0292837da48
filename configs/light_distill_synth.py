"""The light model on SynVI, which also learns from the HAResformer that comes with haresreid."""

from mmengine.config import read_base

from haresreid.engine import TeacherHook
from haresreid.models import FeatureDistillationLoss, SimilarityDistillationLoss

with read_base():
    from .light_synth import *

custom_hooks = [*custom_hooks, dict(type=TeacherHook, model='haresformer_synth')]
compared = dict(feats='bn_embed', target='teacher')
model.criterion.losses.update(
    distill_feature=dict(type=FeatureDistillationLoss, in_channels=1280, target_channels=128, features=compared),
    distill_similarity=dict(type=SimilarityDistillationLoss, features=compared, weight=100.0),
)
