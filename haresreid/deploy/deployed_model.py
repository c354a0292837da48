"""The graph of an exported file: from the bytes of resized images to the retrieval feature."""

import torch
from mmcv.transforms import Normalize, Resize
from torch import Tensor, nn

from haresreid.datasets import LanczosResize, LoadReIDImage, PackReIDInputs, ZeroPadChannels
from haresreid.datasets.transforms.zero_pad_channels import LUMINANCE
from haresreid.models import VIReID
from haresreid.structures import Modality, ReIDBatch

from .reduction import Reduction

__all__ = ['DeployedModel']

# The test pipelines that an exported model can replace: these steps in this order; only Normalize is required.
STEPS = dict(
    load=LoadReIDImage,
    resize=(LanczosResize, Resize),
    normalize=Normalize,
    zero_pad=ZeroPadChannels,
    pack=PackReIDInputs,
)


class DeployedModel(nn.Module):
    """A model with the preprocessing of its test pipeline, except decoding and resizing.

    The graph takes bytes, so nobody who runs it can normalise twice or forget to. The flip test and the zero padding of
    channels are part of it if the model has them.

    Args:
        model (VIReID): From :func:`haresreid.apis.init_model`, which gives it its ``test_pipeline``.
        modality (Modality, optional): Of every image that the graph will see. Defaults to None: any.
        layout (str): Of the images: 'nhwc', bytes as decoders give them, or 'nchw', as the tools of edge devices want
            them. Defaults to 'nhwc'.
        reduction (Reduction, optional): Makes the feature shorter. Defaults to None.

    Attributes:
        needs_modalities (bool): Whether the feature depends on a modality that must be said for each image.
        thermal_range (tuple[float, float], optional): The range of its :class:`LoadReIDImage`, which is not part of the
            graph.

    Raises:
        ValueError: If the pipeline has a step that the graph would not hold.
    """

    def __init__(
        self,
        model: VIReID,
        modality: Modality | None = None,
        layout: str = 'nhwc',
        reduction: Reduction | None = None,
    ) -> None:
        super().__init__()
        steps = _graph_steps(model.test_pipeline.transforms)
        self.model, self.modality, self.layout = model, modality, layout
        self.zero_pad = 'zero_pad' in steps
        self.thermal_range = getattr(steps.get('load'), 'thermal_range', None)
        depends = self.zero_pad or any(
            getattr(part, 'num_specific', 0) or getattr(part, 'needs_modalities', False) for part in model.modules()
        )
        self.needs_modalities = depends and modality is None
        for name in ('mean', 'std'):  # prefixed, since the exporter uses the bare names for results of operations
            values = torch.from_numpy(getattr(steps['normalize'], name)).float()
            self.register_buffer(f'pixel_{name}', values.view(3, 1, 1))
        self.reduced = reduction is not None
        if reduction is not None:
            self.register_buffer('feature_mean', torch.from_numpy(reduction.mean))  # (D,)
            self.register_buffer('feature_axes', torch.from_numpy(reduction.axes))  # (D, d)

    def forward(self, images: Tensor, modalities: Tensor | None = None) -> Tensor:
        """L2-normalised features (B, D), float32.

        Args:
            images (Tensor): RGB, 0 to 255: (B, H, W, 3) uint8, or (B, 3, H, W) float32 in the layout 'nchw'.
            modalities (Tensor, optional): (B,) of 0 and 1, needed if ``needs_modalities``.
        """
        pixels = images if self.layout == 'nchw' else images.permute(0, 3, 1, 2)
        x = (pixels.float() - self.pixel_mean) / self.pixel_std  # (B, 3, H, W)
        if modalities is None:
            modalities = torch.full(images.shape[:1], -1 if self.modality is None else int(self.modality))
        if self.zero_pad:
            x = self._pad_channels(x, modalities)
        features = self.model.embed(x, ReIDBatch.unlabelled(modalities))  # (B, D)
        if self.reduced:
            features = nn.functional.normalize((features - self.feature_mean) @ self.feature_axes)  # (B, d)
        return features

    @staticmethod
    def _pad_channels(x: Tensor, modalities: Tensor) -> Tensor:
        """The same as :class:`ZeroPadChannels`, (B, 3, H, W) -> (B, 3, H, W)."""
        luminance = (x * torch.from_numpy(LUMINANCE).view(3, 1, 1)).sum(dim=1)  # (B, H, W)
        zero = torch.zeros_like(luminance)
        visible = (modalities == Modality.VISIBLE)[:, None, None]
        return torch.stack((torch.where(visible, luminance, zero), torch.where(visible, zero, luminance), zero), dim=1)


def _graph_steps(transforms: list) -> dict:
    """The steps of a test pipeline by their names in ``STEPS``."""
    steps = {next((name for name, kind in STEPS.items() if isinstance(step, kind)), None): step for step in transforms}
    in_order = list(steps) == [name for name in STEPS if name in steps] and len(steps) == len(transforms)
    if not in_order or 'normalize' not in steps:
        raise ValueError(
            f'the test pipeline is {", ".join(type(step).__name__ for step in transforms)}; an exported '
            'model holds only LoadReIDImage, LanczosResize, Normalize, ZeroPadChannels, PackReIDInputs, '
            'in this order, where Normalize must be'
        )
    resize = steps.get('resize')
    lanczos = 'pillow', 'lanczos', False
    if isinstance(resize, Resize) and (resize.backend, resize.interpolation, resize.keep_ratio) != lanczos:
        raise ValueError(
            f"the test pipeline resizes with {resize}, but exported models are given images of Pillow's "
            'Lanczos filter: use LanczosResize'
        )
    if steps['normalize'].to_rgb:
        raise ValueError(
            'the test pipeline swaps red and blue (to_rgb=True of Normalize), which an exported model '
            'does not: images are RGB throughout'
        )
    return steps
