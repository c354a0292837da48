"""Write tests/data/golden/sources/: what narrow networks of timm, open_clip, DINOv2, and deep-person-reid answer.

The tests need none of those. To make the files again (timm 1.0.31, open_clip_torch 3.3.0, dinov2 0.0.1.dev2, torchreid
0.2.5), install the packages and run ``python make_golden.py`` in this folder. Weights follow from their names, so only
names, shapes, and features are stored.
"""

import json
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import torch
from rule import images, weight
from torch import Tensor, nn

FOLDER = Path(__file__).parents[3] / 'data/golden/sources'


def save(name: str, size: tuple[int, int], network: nn.Module, features: Callable[[Tensor], Tensor]) -> None:
    """Write the features of the network with the rule's weights."""
    computed = ('num_batches_tracked', 'relative_position_index', 'attn_mask')
    own = network.state_dict()
    network.load_state_dict(
        {key: value if key.endswith(computed) else weight(key, list(value.shape)) for key, value in own.items()}
    )
    network.double().eval()
    with torch.no_grad():
        rows = features(images(*size)).flatten(1)
    content = dict(
        size=size,
        keys={key: list(value.shape) for key, value in own.items()},
        features=[[round(value, 7) for value in row] for row in rows.tolist()],
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f'{name}.json').write_text(json.dumps(content) + '\n')


def from_timm() -> None:
    from timm.models.swin_transformer import SwinTransformer
    from timm.models.vision_transformer import VisionTransformer

    vit = VisionTransformer((64, 32), embed_dim=24, depth=2, num_heads=2, mlp_ratio=2, num_classes=5)
    save('timm', (64, 32), vit, vit.forward_features)
    swin = SwinTransformer((128, 128), window_size=2, embed_dim=8, depths=(2, 2, 2, 2), num_heads=(1, 2, 4, 8))
    save('swin', (128, 128), swin, lambda x: swin.forward_features(x).permute(0, 3, 1, 2).mean(3))


def from_dinov2() -> None:
    from dinov2.models.vision_transformer import DinoVisionTransformer

    vit = DinoVisionTransformer(56, 14, embed_dim=24, depth=2, num_heads=2, mlp_ratio=2, init_values=1, block_chunks=0)

    def tokens(x: Tensor) -> Tensor:
        features = vit.forward_features(x)
        return torch.cat((features['x_norm_clstoken'][:, None], features['x_norm_patchtokens']), dim=1)

    save('dinov2', (56, 56), vit, tokens)


def from_open_clip() -> None:
    from open_clip.model import CLIP

    text = dict(context_length=8, vocab_size=16, width=8, heads=2, layers=1)
    vision = dict(image_size=64, patch_size=16, width=32, layers=2, head_width=16, mlp_ratio=2)
    clip = CLIP(embed_dim=8, vision_cfg=vision, text_cfg=text, quick_gelu=True)

    def class_token(x: Tensor) -> Tensor:
        clip.visual.proj = None
        return clip.visual(x)

    save('clip_vit', (64, 64), clip, class_token)
    vision = dict(image_size=64, layers=(3, 4, 6, 3), width=8, head_width=64)
    clip = CLIP(embed_dim=8, vision_cfg=vision, text_cfg=text, quick_gelu=True)

    def last_map(x: Tensor) -> Tensor:
        clip.visual.attnpool = nn.Identity()
        return clip.visual(x)

    save('clip_resnet', (64, 64), clip, last_map)


def from_torchreid() -> None:
    path = Path(find_spec('torchreid').origin).parent / 'reid/models/osnet.py'
    spec = spec_from_file_location('osnet', path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    osnet = module.OSNet(5, [module.OSBlock] * 3, [2, 2, 2], [16, 64, 64, 128], feature_dim=16)
    save('osnet', (64, 32), osnet, osnet.featuremaps)


if __name__ == '__main__':
    from_timm()
    from_dinov2()
    from_open_clip()
    from_torchreid()
