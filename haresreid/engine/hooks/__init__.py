"""Hooks of the training loop."""

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .branch_hook import BranchHook
from .checkpoint_guard_hook import CheckpointGuardHook
from .cluster_hook import ClusterHook
from .collapse_hook import CollapseHook
from .compile_hook import CompileHook
from .epoch_hook import EpochHook
from .grad_cache_hook import GradCacheHook
from .image_sheet_hook import ImageSheetHook
from .iteration_seed_hook import IterationSeedHook
from .loss_weight_hook import LossWeightHook
from .non_finite_hook import NonFiniteHook
from .portable_checkpoint_hook import PortableCheckpointHook
from .profile_hook import ProfileHook
from .progress_hook import ProgressHook
from .run_report_hook import RunReportHook
from .teacher_hook import TeacherHook
from .throughput_hook import ThroughputHook
from .unreadable_images_hook import UnreadableImagesHook
from .weight_mean_hook import WeightMeanHook

__all__ = [
    'AtomicCheckpointHook',
    'BranchHook',
    'CheckpointGuardHook',
    'ClusterHook',
    'CollapseHook',
    'CompileHook',
    'EpochHook',
    'GradCacheHook',
    'ImageSheetHook',
    'IterationSeedHook',
    'LossWeightHook',
    'NonFiniteHook',
    'PortableCheckpointHook',
    'ProfileHook',
    'ProgressHook',
    'RunReportHook',
    'TeacherHook',
    'ThroughputHook',
    'UnreadableImagesHook',
    'WeightMeanHook',
]
