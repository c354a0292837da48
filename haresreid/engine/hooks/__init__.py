"""Hooks of the training loop."""

from .checkpoint_guard_hook import CheckpointGuardHook
from .collapse_warning_hook import CollapseWarningHook
from .loss_ramp_hook import LossRampHook
from .portable_checkpoint_hook import PortableCheckpointHook
from .run_report_hook import RunReportHook

__all__ = ['CheckpointGuardHook', 'CollapseWarningHook', 'LossRampHook', 'PortableCheckpointHook', 'RunReportHook']
