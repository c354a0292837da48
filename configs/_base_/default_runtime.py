"""Settings shared by all runs: hooks, logging, seed, processes."""

from mmengine.hooks import (
    DistSamplerSeedHook,
    IterTimerHook,
    LoggerHook,
    ParamSchedulerHook,
    RuntimeInfoHook,
    SyncBuffersHook,
)
from mmengine.visualization import LocalVisBackend, Visualizer

from haresreid.engine import (
    BranchHook,
    CheckpointGuardHook,
    CollapseHook,
    EpochHook,
    IterationSeedHook,
    LossWeightHook,
    NonFiniteHook,
    PortableCheckpointHook,
    RunReportHook,
    UnreadableImagesHook,
    ThroughputHook,
    AtomicCheckpointHook,
)

default_scope = 'haresreid'

default_hooks = dict(
    runtime_info=dict(type=RuntimeInfoHook),
    timer=dict(type=IterTimerHook),
    sampler_seed=dict(type=DistSamplerSeedHook),
    logger=dict(type=LoggerHook, interval=50),
    param_scheduler=dict(type=ParamSchedulerHook),
    epoch=dict(type=EpochHook),
    iteration_seed=dict(type=IterationSeedHook),
    loss_weights=dict(type=LossWeightHook),
    # two checkpoints are kept, in case one is damaged
    checkpoint=dict(type=AtomicCheckpointHook, interval=1, max_keep_ckpts=2),
    non_finite=dict(type=NonFiniteHook, action='stop'),
    collapse=dict(type=CollapseHook, action='warn'),
    branches=dict(type=BranchHook),
    unreadable_images=dict(type=UnreadableImagesHook),
    throughput=dict(type=ThroughputHook),
)
custom_hooks = [
    # batch statistics differ between processes: without this each process would evaluate a different model
    dict(type=SyncBuffersHook),
    dict(type=PortableCheckpointHook),
    dict(type=CheckpointGuardHook),
    dict(type=RunReportHook),
]

env_cfg = dict(
    cudnn_benchmark=True, mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='nccl')
)
visualizer = dict(type=Visualizer, vis_backends=[dict(type=LocalVisBackend)])
randomness = dict(seed=0)
log_level = 'INFO'
load_from = None
resume = False
