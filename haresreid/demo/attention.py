"""An attention map that shows where the query resembles its best match."""

import numpy as np
from PIL import Image

from haresreid.apis import VIReIDInferencer
from haresreid.structures import Modality, ReIDDataSample

__all__ = ['attention_map']


def attention_map(
    inferencer: VIReIDInferencer, image: np.ndarray, modality: Modality, answer: np.ndarray
) -> np.ndarray | None:
    """Grad-CAM of the similarity over the grey image, at the last map of the model's ResNet, or else at its last stage.

    Args:
        inferencer (VIReIDInferencer): Inferencer of the model.
        image (np.ndarray): The query, (H, W, 3) uint8 RGB.
        modality (Modality): Modality of the query.
        answer (np.ndarray): (D,) feature that the query is compared with.

    Returns:
        np.ndarray, optional: (h, w, 3) uint8 RGB in the model's image size. None for an exported model, which has no
        gradient, and for a backbone that names no stages.
    """
    model = getattr(inferencer.backend, 'model', None)
    if model is None:
        return None
    import torch
    from matplotlib import colormaps
    from mmengine.dataset import pseudo_collate

    from haresreid.models import stages_of
    from haresreid.visualization import cam_layers, grad_cam

    if not stages_of(model.backbone):
        return None
    height, width = inferencer.backend.image_size
    small = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))  # (h, w, 3)
    item = inferencer.backend.pipeline(dict(img=small, img_shape=(height, width), modality=int(modality)))
    batch = model.data_preprocessor(pseudo_collate([item]))
    sample = ReIDDataSample(metainfo=dict(modality=modality))
    reference = torch.from_numpy(answer[None]).to(batch['inputs'].device)  # (1, D)
    layers = cam_layers(model)
    *_, last = [layer for name, layer in layers.items() if name.startswith('RE')] or layers.values()
    weight = grad_cam(model, batch['inputs'], [sample], reference, last)[0][..., None]  # (h, w, 1)
    colour = colormaps['inferno'](weight[..., 0])[..., :3] * 255  # (h, w, 3)
    grey = small.mean(axis=2, keepdims=True)
    alpha = 0.3 + 0.5 * weight  # the image stays visible where the weight is small
    return ((1 - alpha) * grey + alpha * colour).astype(np.uint8)
