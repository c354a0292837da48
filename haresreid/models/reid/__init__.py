"""The models and their data preprocessors."""

from .adversarial import AdversarialVIReID
from .data_preprocessor import ReIDDataPreprocessor
from .disentangling import DisentanglingVIReID
from .joint_alignment import JointAlignmentVIReID
from .replicated import ReplicatedModel
from .role_data_preprocessor import RoleDataPreprocessor
from .vireid import VIReID

__all__ = [
    'AdversarialVIReID',
    'DisentanglingVIReID',
    'JointAlignmentVIReID',
    'ReIDDataPreprocessor',
    'ReplicatedModel',
    'RoleDataPreprocessor',
    'VIReID',
]
