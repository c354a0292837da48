"""Hooks of the training loop."""

from .checkpoint_guard_hook import CheckpointGuardHook
from .class_count_hook import ClassCountHook
from .collapse_warning_hook import CollapseWarningHook
from .loss_ramp_hook import LossRampHook
from .portable_checkpoint_hook import PortableCheckpointHook
from .run_report_hook import RunReportHook

__all__ = [
    'CheckpointGuardHook', 'ClassCountHook', 'CollapseWarningHook', 'LossRampHook', 'PortableCheckpointHook', 'RunReportHook'
]
