"""From JPEG file to augmented tensor: our pipeline, with and without packed images, beside Pillow and torchvision.

    python benchmarks/data.py             # images per second of one core's time, ratios with quartiles over rounds
    python benchmarks/data.py --memory    # what two epochs of a loader with workers leave in memory

The images are SynVI's people drawn in the sizes and qualities of surveillance crops (200 to 600 pixels high, JPEG
quality 60 to 95, 4:2:0) into a temporary folder. All three ways get the same draws, crop, flip and erase the same
places, and must give the same pixels within one grey level; this is checked before anything is timed. A round is a
batch of 32 images through every way in turn. Time is the processor's, in one thread: other programs take turns with
this one and do not count.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.transforms import functional as F
from torchvision.transforms import v2

from haresreid.datasets import CrossModalityIdentitySampler, ManifestDataset, SeededIndex
from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality
from haresreid.synvi import SynVISpec
from haresreid.synvi.identity import draw_identity
from haresreid.synvi.layouts import person_images
from haresreid.synvi.render import render_image

PIPELINES = Path(__file__).parents[1] / 'configs' / '_base_' / 'datasets' / 'pipelines.py'
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def draw_images(folder: Path, people: int) -> None:
    """Draw the images and list them in manifest.csv."""
    spec = SynVISpec('sysu', 'easy', (people, 0, 1), 4, (96, 48), 0)
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in range(1, people + 1):
        person = draw_identity(spec.seed, pid)
        for image in person_images(spec, pid):
            height = int(rng.integers(200, 601))
            size = height, int(height * rng.uniform(0.33, 0.47))
            pixels = render_image(spec.seed, pid, person, image.camera, image.number, size)
            name = image.path.replace('/', '_')
            Image.fromarray(pixels).save(folder / name, quality=int(rng.integers(60, 96)), subsampling='4:2:0')
            modality = 'infrared' if image.camera.key in (3, 6) else 'visible'
            lines.append(f'{name},{pid},{image.camera.key},{modality},train')
    (folder / 'manifest.csv').write_text('\n'.join(lines))


class Plain:
    """The paper's training pipeline as a reader of torchvision's manual would write it, with the draws handed in."""

    def __init__(self, dataset: ManifestDataset) -> None:
        self.dataset = dataset
        self.resize = v2.Resize((288, 144), interpolation=v2.InterpolationMode.LANCZOS)
        self.grey = v2.Grayscale(num_output_channels=3)
        self.pad = v2.Pad(10)
        self.normalize = v2.Normalize(MEAN, STD)

    def __getitem__(self, index: SeededIndex) -> torch.Tensor:
        index.seed_generators()
        image = self.resize(Image.open(self.dataset.img_paths[index]).convert('RGB'))
        # the same numbers in the same order as our transforms draw them
        if self.dataset.modalities[index] == Modality.VISIBLE and np.random.rand() < 0.5:
            image = self.grey(image)
        top, left = np.random.randint(0, 21), np.random.randint(0, 21)
        image = F.crop(self.pad(image), top, left, 288, 144)
        if np.random.rand() < 0.5:
            image = F.hflip(image)
        tensor = self.normalize(F.to_tensor(image))
        if np.random.rand() < 0.5:
            tensor = F.erase(tensor, *self.erased(), v=torch.tensor(MEAN).view(3, 1, 1), inplace=True)
        return tensor

    @staticmethod
    def erased() -> tuple[int, int, int, int]:
        """Top, left, height and width of the rectangle."""
        while True:
            area = np.random.uniform(0.02, 0.4) * 288 * 144
            aspect = np.random.uniform(0.3, 1 / 0.3)
            height, width = round((area * aspect) ** 0.5), round((area / aspect) ** 0.5)
            if height < 288 and width < 144:
                return np.random.randint(289 - height), np.random.randint(145 - width), height, width


def drawn(dataset: ManifestDataset, batches: int) -> list[SeededIndex]:
    """The first batches of an epoch with P = K = 4: half of the images are infrared."""
    return list(CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=4, seed=0))[: 32 * batches]


def check(ways: dict, indices: list[SeededIndex]) -> None:
    """All ways give the pixels of the plain one within one grey level, and the erased rectangles exactly."""
    levels = 255 * torch.tensor(STD).view(3, 1, 1)
    plain = ways['plain']
    for name, way in ways.items():
        changed = pixels = 0
        for index in indices:
            ours, theirs = way[index], plain[index]
            difference = ((ours['inputs'] if isinstance(ours, dict) else ours) - theirs).abs() * levels
            assert difference.max() < 1.001, f'{name}: {difference.max():.2f} grey levels in image {index}'
            changed, pixels = changed + (difference > 0.001).sum().item(), pixels + difference.numel()
        print(
            f'{name}: {len(indices)} images, {changed} of {pixels:,} values differ, by one grey level at most',
            flush=True,
        )


def measure(ways: dict, indices: list[SeededIndex], rounds: int) -> None:
    """Time the ways in turn, one batch a round."""
    seconds = {name: [] for name in ways}
    for number in range(rounds):
        batch = np.arange(32 * number, 32 * (number + 1)) % len(indices)
        for name in random.sample(list(ways), len(ways)):
            start = time.process_time()
            for place in batch:
                ways[name][indices[place]]
            seconds[name].append(time.process_time() - start)
    for name, times in seconds.items():
        low, middle, high = np.percentile(np.divide(seconds['plain'], times), [25, 50, 75])
        print(
            f'{name}: {32 / np.median(times):.0f} images/s per core, {middle:.2f} times plain '
            f'(quartiles {low:.2f} to {high:.2f})',
            flush=True,
        )


def resident(processes: list[int]) -> str:
    """Proportional and anonymous memory of processes in MiB, from Linux."""
    sums = dict(Pss=0, Anonymous=0)
    for pid in processes:
        for line in Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()[1:]:
            name, kib = line.split()[:2]
            if name[:-1] in sums:
                sums[name[:-1]] += int(kib) / 1024
    return ', '.join(f'{name} {value:.1f} MiB' for name, value in sums.items())


def memory(dataset: ManifestDataset, name: str) -> None:
    """Memory of a loader's two workers through two epochs."""
    sampler = CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=4, seed=0)
    loader = DataLoader(dataset, 32, sampler=sampler, num_workers=2, persistent_workers=True, collate_fn=pseudo_collate)
    for epoch in range(2):
        sampler.set_epoch(epoch)
        batches = iter(loader)
        for number, _ in enumerate(batches):
            if number + 1 in (len(loader) // 4, len(loader)):
                processes = [worker.pid for worker in batches._workers]
                print(
                    f'{name}, epoch {epoch + 1}, batch {number + 1} of {len(loader)}: {resident(processes)}', flush=True
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=40)
    parser.add_argument('--people', type=int, default=12, help='drawn, with some 20 images each')
    parser.add_argument('--memory', action='store_true', help="only the loader's memory")
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    steps = [TRANSFORMS.build(step) for step in Config.fromfile(PIPELINES).train_pipeline]
    with tempfile.TemporaryDirectory() as folder:
        draw_images(Path(folder), args.people)
        ours, cached = (
            ManifestDataset(data_root=folder, pipeline=steps, cache_dir=cache_dir)
            for cache_dir in (None, f'{folder}/cache')
        )
        sizes = np.array([Image.open(path).size for path in ours.img_paths])
        print(
            f'{len(ours)} images, mean {sizes[:, 1].mean():.0f} x {sizes[:, 0].mean():.0f}, '
            f'{sum(Path(path).stat().st_size for path in ours.img_paths) / len(ours) / 1024:.1f} KiB; one thread, '
            f'Pillow {Image.__version__}, OpenCV {cv2.__version__}, torchvision {torchvision.__version__}',
            flush=True,
        )
        if args.memory:
            memory(ours, 'decoded')
            memory(cached, 'packed')
            return
        ways = dict(plain=Plain(ours), decoded=ours, packed=cached)
        check(ways, drawn(ours, 8))
        measure(ways, drawn(ours, 8), args.rounds)


if __name__ == '__main__':
    main()
