"""The detectors of torchvision, trained on COCO."""

from pathlib import Path

import numpy as np

from haresreid.files.files import file_hash

__all__ = ['TorchvisionDetector']

PERSON = 1  # COCO's number, with 0 for the background


class TorchvisionDetector:
    """A model of ``torchvision.models.detection``.

    Args:
        name (str): E.g. 'fasterrcnn_mobilenet_v3_large_fpn'.
        weights (str | Path, optional): A ``.pth`` file with its state dict. Defaults to None: torchvision's own, which
            it downloads on first use.
        device (str, optional): Defaults to None: the GPU, if there is one.
        threshold (float): The least score. Defaults to 0.3.

    Raises:
        FileNotFoundError: If the file is missing.
        ValueError: If there is no such model.
    """

    def __init__(
        self, name: str, weights: str | Path | None = None, device: str | None = None, threshold: float = 0.3
    ) -> None:
        import torch
        from torchvision.models import detection, get_model, list_models

        names = [known for known in list_models(detection) if not known.startswith('keypointrcnn')]
        if name not in names:
            raise ValueError(f'there is no detector {name!r}: give hog, an .onnx file or one of {", ".join(names)}')
        self.name = name
        if weights is None:
            model = get_model(name, weights='DEFAULT')
        else:
            if not Path(weights).is_file():
                raise FileNotFoundError(f'there are no weights {weights}')
            model = get_model(name, weights=None, weights_backbone=None)
            model.load_state_dict(torch.load(weights, map_location='cpu', weights_only=True))
            self.name += f' {file_hash(weights)}'
        self.device = device or ('cuda' if torch.cuda.is_available() else 'cpu')
        self.model = model.eval().to(self.device)
        self.threshold = threshold

    def __call__(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import torch

        image = torch.from_numpy(pixels).permute(2, 0, 1).to(self.device) / 255  # (3, H, W)
        with torch.no_grad():
            found = self.model([image])[0]
        kept = (found['labels'] == PERSON) & (found['scores'] >= self.threshold)
        return found['boxes'][kept].double().cpu().numpy(), found['scores'][kept].double().cpu().numpy()
