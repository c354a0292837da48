"""The files of pretrained weights that can be named without a path: where they are to be had, and what they want."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlparse

from .normalization import CLIP, HALF, IMAGENET, LITE, LUPERSON, Normalization

__all__ = ['KNOWN', 'KnownWeights', 'normalization_of', 'wanted_normalization']

TIMM = 'https://github.com/huggingface/pytorch-image-models'
DINOV2 = 'https://github.com/facebookresearch/dinov2'
SSL = 'https://github.com/damo-cv/TransReID-SSL'
SOLIDER = 'https://github.com/tinyvision/SOLIDER'
OPEN_CLIP = 'https://github.com/mlfoundations/open_clip'
MIT, APACHE, UNKNOWN = 'MIT', 'Apache-2.0', 'none found'


@dataclass(frozen=True)
class KnownWeights:
    """Where a file of weights is to be had, and how images must be normalised for it.

    Attributes:
        file (str): Its name. Without the suffix it is what a config may call it.
        page (str): Who says where it is.
        licence (str): Of the weights, as that page has it.
        normalization (Normalization): Of the images that it was trained with.
        url (str): Where it can be downloaded without a browser. Defaults to '': nowhere.
    """

    file: str
    page: str
    licence: str
    normalization: Normalization
    url: str = ''

    @property
    def name(self) -> str:
        """What a config may call the file."""
        return self.file.rpartition('.')[0]


KNOWN = {
    weights.name: weights
    for weights in (
        KnownWeights(
            'jx_vit_base_p16_224-80ecf9dd.pth',
            TIMM,
            APACHE,
            HALF,
            f'{TIMM}/releases/download/v0.1-vitjx/jx_vit_base_p16_224-80ecf9dd.pth',
        ),
        *(
            KnownWeights(
                f'dinov2_{size}14{registers}_pretrain.pth',
                DINOV2,
                APACHE,
                IMAGENET,
                f'https://dl.fbaipublicfiles.com/dinov2/dinov2_{size}14/dinov2_{size}14{registers}_pretrain.pth',
            )
            for size in ('vits', 'vitb')
            for registers in ('', '_reg4')
        ),
        *(
            KnownWeights(f'{name}.pth', SSL, UNKNOWN, HALF)
            for name in ('vit_small_cfs_lup', 'vit_small_ics_cfs_lup', 'vit_base_ics_cfs_lup')
        ),
        KnownWeights('clip_vit_base_patch16.pth', OPEN_CLIP, MIT, CLIP),
        KnownWeights('clip_resnet50.pth', OPEN_CLIP, MIT, CLIP),
        *(KnownWeights(f'solider_swin_{size}.pth', SOLIDER, UNKNOWN, HALF) for size in ('tiny', 'small', 'base')),
        KnownWeights('lup_moco_r50.pth', 'https://github.com/DengpanFu/LUPerson', UNKNOWN, LUPERSON),
        KnownWeights('osnet_x1_0_imagenet.pth', 'https://github.com/KaiyangZhou/deep-person-reid', MIT, IMAGENET),
    )
}


def wanted_normalization(source: str) -> Normalization | None:
    """How images must be normalised for weights; None if the source's name does not tell.

    Args:
        source (str): See :func:`fetch_weights`.
    """
    if source.startswith(('torchvision://', 'haresreid://')):
        return IMAGENET
    if source.startswith('package://'):
        return LITE
    known = KNOWN.get(PurePosixPath(urlparse(source).path.replace('\\', '/')).stem)
    return known.normalization if known else None


def normalization_of(cfg: Mapping) -> Normalization | None:
    """The same for the config of a backbone."""
    source = cfg.get('pretrained')
    return wanted_normalization(source) if isinstance(source, str) else None
