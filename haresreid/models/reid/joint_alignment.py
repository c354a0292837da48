"""The model class of AlignGAN (Wang et al., ICCV 2019)."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..generators import in_the_other_modality
from ..layers import each_modality, partners_of
from .adversarial import AdversarialVIReID

__all__ = ['JointAlignmentVIReID']


@MODELS.register_module()
class JointAlignmentVIReID(AdversarialVIReID):
    """Aligns the pixels and the features of the modalities: visible images are drawn in infrared, and recognised there.

    The network also sees the generator's images, and its losses on them train the generator, but the generator's turn
    does not train the network. The discriminator of infrared images also gets the network's map of an image of the same
    person: only a real image with the map of a real one is right. In the ``reid`` turn, a map of a drawn image beside
    a real image should pass for right.

    Three periods follow each other. At first the network alone is trained, on real infrared images. Then generator and
    discriminators are, with discriminators of their own that know no maps. Last come all three turns.

    Args:
        discriminators (dict[str, dict]): ``visible``, ``infrared``, a :class:`ConditionalPatchDiscriminator`, and those
            of the second period, ``warmup_visible`` and ``warmup_infrared``.
        image_criteria (dict[str, dict]): See :class:`AdversarialVIReID`. ``generator`` has what
            :meth:`ImageTranslationGenerator.exchange` returns, the scores ``exchanged_scores``, and the head's features
            of the images in infrared, drawn or real. ``discriminator`` has the scores ``real``, of all images,
            ``drawn_visible`` and ``wrong_infrared``. ``reid`` has the scores ``drawn_maps``.
        network_epochs (int): Epochs of the first period. Defaults to 0.
        warmup (int): Epochs of the first two periods together. Defaults to 0.
        **parts: See :class:`AdversarialVIReID`. The generator is an :class:`ImageTranslationGenerator`.
    """

    def __init__(self, network_epochs: int = 0, **parts) -> None:
        super().__init__(**parts)
        self.network_epochs = network_epochs

    def due(self) -> tuple[str, ...]:
        """The turns of a step of this epoch."""
        return ('reid',) if self.epoch < self.network_epochs else super().due()

    def exchange(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """See :meth:`ImageTranslationGenerator.exchange`."""
        return self.generator.exchange(images, batch)

    def fixed_while_drawing(self) -> list[nn.Module]:
        """The parts without gradients in the generator's turn."""
        return [self.discriminators, self.backbone, self.head]

    def drawing_features(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """What the losses of the generator see of its images (N, 3, H, W), and ``maps`` for the discriminators."""
        drawn = self.exchange(images, batch)
        visible = batch.is_of(Modality.VISIBLE).to(images.device)[:, None, None, None]
        features = self._seen(torch.where(visible, drawn['exchanged'], images), batch)
        maps = features['maps'].detach()[partners_of(batch)]  # beside an image drawn in infrared that of a real one
        scores = self._scores(drawn['exchanged'], maps, in_the_other_modality(batch))
        return drawn | features | dict(exchanged_scores=scores)

    def judging_losses(self, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the discriminators, from real images (N, 3, H, W) and what was drawn of them."""
        infrared = batch.rows_of(Modality.INFRARED)
        rows, partners = batch.take(infrared), partners_of(batch)[infrared]  # of images that are drawn in infrared
        real, real_maps = images[infrared], drawn['maps'][infrared]
        fake, fake_maps = drawn['exchanged'][partners], drawn['maps'][partners]
        wrong = [(fake, real_maps)]
        if not self.warming_up:
            wrong += [(real[_of_another_person(rows)], real_maps), (real, fake_maps), (fake, fake_maps)]
        scores = dict(
            real=self._scores(images, drawn['maps'], batch),
            drawn_visible=self._scores(drawn['exchanged'][infrared], real_maps, in_the_other_modality(rows)),
            wrong_infrared=torch.cat([self._scores(*pair, rows) for pair in wrong]),
        )
        return self.image_criteria['discriminator'](scores, batch)

    def reid_losses(self, data: dict, images: Tensor, drawn: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The losses of the network, from the batch for re-identification."""
        inputs = data['inputs']
        rows = ReIDBatch.of(data['data_samples'], inputs.device).take(data['items'])
        infrared = rows.rows_of(Modality.INFRARED)
        if self.epoch < self.network_epochs:
            return self._losses_of_infrared(inputs[infrared], rows.take(infrared))
        features = self._seen(self.generator(inputs, rows)[0], rows)
        maps = features['maps'][partners_of(rows)[infrared]]
        scores = self._scores(inputs[infrared], maps, rows.take(infrared))
        return self.criterion(features, rows) | self.image_criteria['reid'](dict(drawn_maps=scores), rows)

    def _losses_of_infrared(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """The criterion with every image twice, also in the place of one drawn in infrared, and counted once."""
        both = batch.repeat(2)
        both.modalities[: len(images)] = Modality.VISIBLE
        features = {name: torch.cat((value, value)) for name, value in self._seen(images, batch).items()}
        losses = self.criterion(features, both)
        return {name: value / 2 if name.startswith('loss') else value for name, value in losses.items()}

    def _seen(self, infrared: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """The head's features of infrared images, those of visible rows drawn, and ``maps``, the head's input."""

        def features(own: Tensor, rows: ReIDBatch) -> dict[str, Tensor]:
            feats, rows = self.backbone(own.contiguous(memory_format=torch.channels_last), rows)
            return dict(self.head(feats, rows), maps=feats[-1])

        return each_modality(features, batch, infrared)

    def _scores(self, images: Tensor, maps: Tensor, batch: ReIDBatch) -> Tensor:
        """Scores (N, 1, h, w) by the discriminators of the modalities, which know the maps after the warm-up."""
        period = 'warmup_' if self.warming_up else ''

        def judge(own: Tensor, known: Tensor, rows: ReIDBatch) -> Tensor:
            modality = Modality(int(rows.modalities[0]))
            discriminator = self.discriminators[period + modality.name.lower()]
            conditional = modality == Modality.INFRARED and not self.warming_up
            return discriminator(own, known) if conditional else discriminator(own)

        return each_modality(judge, batch, images, maps)


def _of_another_person(batch: ReIDBatch) -> Tensor:
    """(N,) on the host: for the k-th row of a person the k-th of the person beside, where all have equally many.

    Two people who follow each other exchange their rows, so that the pairs are the same on one process and on several.
    """
    labels = batch.labels.tolist()
    people = list(dict.fromkeys(labels))
    rows = {person: [row for row, label in enumerate(labels) if label == person] for person in people}
    beside = {person: people[place ^ 1 if place ^ 1 < len(people) else 0] for place, person in enumerate(people)}
    return torch.tensor([rows[beside[label]][rows[label].index(row)] for row, label in enumerate(labels)])
