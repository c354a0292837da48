"""A trained model as the teacher of the one that is trained (knowledge distillation)."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from haresreid.apis import get_model
from haresreid.config.config import image_size
from haresreid.datasets import PlanarNormalize
from haresreid.engine.bare_model import bare_model
from haresreid.registry import HOOKS, TRANSFORMS
from haresreid.structures import ReIDBatch

__all__ = ['TeacherHook']


@HOOKS.register_module()
class TeacherHook(Hook):
    """Gives the model a teacher, whose retrieval feature becomes the feature ``teacher`` of every training batch.

    Losses compare it with the student's features, see :class:`FeatureDistillationLoss` and
    :class:`SimilarityDistillationLoss`. The teacher sees the images that the student sees, normalised as its own config
    says. It stays in evaluation mode, has no gradients and is in no checkpoint: a resumed training loads it again.

    Args:
        model (str): Name or config of the teacher, as for :func:`haresreid.apis.get_model`.
        weights (str, optional): Its .pth or .safetensors file. Defaults to None: those that come with haresreid.
    """

    def __init__(self, model: str, weights: str | None = None) -> None:
        self.model = model
        self.weights = weights

    def before_train(self, runner: Runner) -> None:
        """Load the teacher.

        Raises:
            FileNotFoundError: If a file of the teacher is missing.
            ValueError: If its weights do not fit its config, or its images are of another size than the training's.
        """
        student = bare_model(runner)
        device = next(student.parameters()).device
        teacher = get_model(self.model, self.weights or True, str(device))
        size = image_size(runner.cfg)
        if teacher.image_size != size:
            raise ValueError(
                'the teacher {} takes images of {}x{}, and this training makes them {}x{}: choose a teacher that was '
                'trained at that size'.format(self.model, *teacher.image_size, *size)
            )
        own = [TRANSFORMS.build(step) for step in runner.cfg.test_dataloader.dataset.pipeline]
        mean, std = _normalization(own, device)
        their_mean, their_std = _normalization(teacher.test_pipeline.transforms, device)

        @torch.no_grad()
        def embed(inputs: Tensor, batch: ReIDBatch) -> Tensor:
            return teacher.embed((inputs * std + mean - their_mean) / their_std, batch)  # (N, E)

        student.teacher = embed

    def after_train(self, runner: Runner) -> None:
        """Take the teacher away."""
        bare_model(runner).teacher = None


def _normalization(transforms: list, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of a test pipeline, (3, 1, 1) each."""
    (step,) = (step for step in transforms if isinstance(step, PlanarNormalize))
    return tuple(torch.as_tensor(values, device=device).view(3, 1, 1) for values in (step.mean, step.std))
