"""From a batch of images in two roles to the model's inputs."""

from haresreid.registry import MODELS

from .data_preprocessor import ReIDDataPreprocessor

__all__ = ['RoleDataPreprocessor']


@MODELS.register_module()
class RoleDataPreprocessor(ReIDDataPreprocessor):
    """Takes the images that a :class:`JointIdentitySampler` drew for the generator out of a batch.

    Their sizes may differ from those of the other images.
    """

    def forward(self, data: dict, training: bool = False) -> dict:
        """Stack the images for re-identification, see :class:`ReIDDataPreprocessor`; in training also the generator's.

        In training there are two more entries, ``generator_inputs`` and ``generator_samples``.

        Raises:
            ValueError: If there is no image for the generator in training.
        """
        roles: dict[bool, dict] = {role: dict(inputs=[], data_samples=[]) for role in (False, True)}
        for image, sample in zip(data['inputs'], data['data_samples']):
            part = roles[getattr(sample, 'role', None) == 'generator']
            part['inputs'].append(image)
            part['data_samples'].append(sample)
        stacked = super().forward(roles[False], training)
        if training:
            if not roles[True]['inputs']:
                raise ValueError('A batch has no image for the generator: draw batches with JointIdentitySampler.')
            generator = super().forward(roles[True], training)
            stacked |= dict(generator_inputs=generator['inputs'], generator_samples=generator['data_samples'])
        return stacked
