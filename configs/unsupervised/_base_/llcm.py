"""What models without labels share on LLCM, for which there is no published recipe: that for SYSU-MM01."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_llcm import *
    from ..._base_.datasets.clusters import *
    from ..._base_.schedules.adam_clusters import *  # its names replace the paper's schedule

train_dataloader.update(sampler=cluster_sampler)
train_dataloader.dataset.update(pipeline=cluster_pipeline)
custom_hooks.append(clusters)
