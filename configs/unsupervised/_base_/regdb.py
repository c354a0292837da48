"""What models without labels share on RegDB: two stages of 30 epochs of 100 batches, and denser clusters."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *
    from ..._base_.datasets.clusters import *
    from ..._base_.schedules.adam_clusters import *  # its names replace the paper's schedule

train_dataloader.update(sampler=dict(cluster_sampler, num_batches=100))
train_dataloader.dataset.update(pipeline=cluster_pipeline)
custom_hooks.append(dict(clusters, eps=0.3, match_from=30))

param_scheduler[0].update(milestones=[10, 20, 40, 50])
param_scheduler[1].update(milestones=[30])
train_cfg.update(max_epochs=60)
