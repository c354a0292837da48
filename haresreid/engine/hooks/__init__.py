"""Hooks of the training loop."""

from .branch_hook import BranchHook
from .checkpoint_guard_hook import CheckpointGuardHook
from .chunked_batch_hook import ChunkedBatchHook
from .collapse_hook import CollapseHook
from .compile_hook import CompileHook
from .iteration_seed_hook import IterationSeedHook
from .loss_weight_hook import LossWeightHook
from .non_finite_hook import NonFiniteHook
from .portable_checkpoint_hook import PortableCheckpointHook
from .profile_hook import ProfileHook
from .progress_hook import ProgressHook
from .run_report_hook import RunReportHook
from .unreadable_images_hook import UnreadableImagesHook
from .vitals_hook import VitalsHook
from .whole_checkpoint_hook import WholeCheckpointHook

__all__ = [
    'BranchHook',
    'CheckpointGuardHook',
    'ChunkedBatchHook',
    'CollapseHook',
    'CompileHook',
    'IterationSeedHook',
    'LossWeightHook',
    'NonFiniteHook',
    'PortableCheckpointHook',
    'ProfileHook',
    'ProgressHook',
    'RunReportHook',
    'UnreadableImagesHook',
    'VitalsHook',
    'WholeCheckpointHook',
]
