"""Kill a training again and again, resume it each time, and compare its end with that of a training left in peace.

    python benchmarks/kill_and_resume.py --kills 20
    python benchmarks/kill_and_resume.py --kills 20 --processes 2
    python benchmarks/kill_and_resume.py configs/baselines/ddag_synth.py --kills 3 --epochs 3
    python benchmarks/kill_and_resume.py --kills 4 --amp

The training is the README's command on sixteen drawn people with a narrower model; that of another config on SynVI
starts from random weights. SIGKILL hits all its processes, in turn while images are drawn, in the middle of an epoch,
in an evaluation, and while a checkpoint is being written, each time at a random moment. One process must end with the
very weights, optimiser state and figures of the training left in peace; two may differ by 1e-6, since sums over
processes have no promised order.

A checkpoint is being written for milliseconds. On a busy machine the moment is missed unless this script alone goes
before everything: put `chrt --reset-on-fork --fifo 10` in front of the command.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import torch

from haresreid.cli.arguments import user_path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / 'configs' / 'haresformer_synth.py'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
NARROWER = ('model.backbone.encoder.base_channels=8', 'model.head.stage_channels=(8,16,32,64)')
IMAGES = 180  # of sixteen people
ITERATIONS = 4  # per epoch
PHASES = ('drawing', 'writing', 'validation', 'training')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='?', type=user_path, default=CONFIG, help=f'default: {CONFIG.name}')
    parser.add_argument('--kills', type=int, default=20)
    parser.add_argument('--processes', type=int, default=1)
    parser.add_argument('--epochs', type=int, default=18)
    parser.add_argument('--seed', type=int, default=0, help='of the moments of the kills')
    parser.add_argument('--port', type=int, default=29517, help='for several processes')
    parser.add_argument('--amp', action='store_true', help='train in mixed precision')
    return parser.parse_args()


class Training:
    """The training in a folder of its own, started as often as it takes."""

    def __init__(self, folder: Path, args: argparse.Namespace) -> None:
        self.folder, self.args, self.starts = folder, args, 0
        self.config = Path(args.config).resolve()
        self.work_dir = folder / 'work_dirs' / self.config.stem
        folder.mkdir()

    def start(self) -> subprocess.Popen:
        """The README's command, and ``--resume`` from the second time on."""
        command = [sys.executable, ROOT / 'tools' / 'train.py', self.config]
        if self.args.processes > 1:
            command = [ROOT / 'tools' / 'dist_train.sh', self.config, self.args.processes]
        self.starts += 1
        self.logs_before = set(self.work_dir.glob('*/*.log'))
        command += ['--resume'] if self.starts > 1 else []
        command += ['--amp'] if self.args.amp else []
        command += [
            f'--data-root={self.folder / "data"}',
            '--cfg-options',
            *(f'{loader}.dataset.num_ids=(8,0,8)' for loader in LOADERS),
            f'train_dataloader.sampler.num_ids={4 // self.args.processes}',
            'train_dataloader.num_workers=1',
            'val_dataloader.num_workers=1',
            *(NARROWER if self.config == CONFIG else ['model.backbone.pretrained=None']),
            f'train_cfg.max_epochs={self.args.epochs}',
            'train_cfg.val_interval=1',
            'default_hooks.logger.interval=1',
        ]
        environment = dict(
            os.environ,
            OMP_NUM_THREADS='1',
            XDG_CACHE_HOME=str(self.folder / 'cache'),
            PORT=str(self.args.port),
            PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
            PYTHONPATH=str(ROOT),
            PYTHONWARNINGS='ignore',
        )
        with open(self.log, 'w') as log:
            return subprocess.Popen(list(map(str, command)), cwd=self.folder, env=environment, stdout=log, stderr=log)

    @property
    def log(self) -> Path:
        """What the latest start printed."""
        return self.folder / f'start_{self.starts}.log'

    @property
    def logged(self) -> str:
        """What the latest start wrote into its log file, which has more than the screen."""
        return ''.join(file.read_text() for file in set(self.work_dir.glob('*/*.log')) - self.logs_before)

    @property
    def images(self) -> int:
        """How many are drawn, until all are."""
        return sum(1 for _ in self.folder.glob('data.part/**/*.jpg'))

    @property
    def result(self) -> dict:
        """The last checkpoint and the figures."""
        checkpoint = torch.load(self.work_dir / f'epoch_{self.args.epochs}.pth', weights_only=True)
        return dict(
            weights=checkpoint['state_dict'],
            running_mean=checkpoint.get('ema_state_dict', {}),
            optimiser=checkpoint['optimizer'],
            figures=json.loads((self.work_dir / 'metrics.json').read_text())['protocols'],
        )


def moment(phase: str, training: Training, rng: random.Random) -> Callable[[], bool]:
    """A function that says when it is time to kill."""
    share = rng.random()
    before = training.images

    def drawn() -> bool:
        return training.images > before + share * (IMAGES - before) - 1 or (training.folder / 'data').is_dir()

    def trained() -> bool:
        return training.logged.count('Epoch(train)') >= 1 + share * ITERATIONS

    def written() -> bool:
        return training.work_dir.is_dir() and any(
            re.fullmatch(r'\.[0-9a-f]{16}\.epoch_\d+\.pth', name) for name in os.listdir(training.work_dir)
        )

    def saved() -> bool:
        return 'Saving checkpoint' in training.logged

    return dict(drawing=drawn, training=trained, writing=written, validation=saved)[phase]


def descendants(pid: int) -> Iterator[int]:
    """A process and all that it has started, loader workers included."""
    yield pid
    for task in Path('/proc', str(pid), 'task').glob('*/children'):
        for child in task.read_text().split():
            yield from descendants(int(child))


def kill_at(training: Training, phase: str, rng: random.Random) -> bool:
    """Start the training and kill it in a phase; False when it ended before."""
    is_time = moment(phase, training, rng)
    with training.start() as process:
        while process.poll() is None and not is_time():
            time.sleep(0.0001 if phase == 'writing' else 0.05)  # a small file is on the disk within milliseconds
        if process.poll() is None and phase == 'validation':
            time.sleep(rng.uniform(0.1, 1.5))
        if process.poll() is not None:
            if process.returncode:
                sys.exit(f'a start failed by itself: {training.log.read_text()[-2000:]}')
            return False
        for pid in list(descendants(process.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    left = [path.name for path in training.work_dir.glob('.*.pth')]
    said = [line for line in training.log.read_text(errors='replace').replace('\r', '\n').splitlines() if line.strip()]
    print(
        f'start {training.starts:2}: killed in {phase}'
        f'{", leaving " + left[0] if left else ""}; last words: {said[-1][-90:] if said else "none"}',
        flush=True,
    )
    return True


def differences(one: object, other: object) -> Iterator[float]:
    """Largest absolute difference of every tensor and number in two nested results."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), (one.keys(), other.keys())
        for key in one:
            yield from differences(one[key], other[key])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for mine, yours in zip(one, other):
            yield from differences(mine, yours)
    elif isinstance(one, torch.Tensor):
        yield (one.double() - other.double()).abs().max().item() if one.numel() else 0.0
    elif isinstance(one, (int, float)):
        yield abs(one - other)
    else:
        assert one == other, (one, other)


def main() -> None:
    args = parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, killed = Training(Path(folder, 'undisturbed'), args), Training(Path(folder, 'killed'), args)
        with undisturbed.start() as process:
            pass
        if process.returncode:
            sys.exit(undisturbed.log.read_text()[-2000:])
        print('the undisturbed training is done', flush=True)
        # images can be drawn only once, so these kills come first
        phases = sorted(([*PHASES, *PHASES[1:]] * args.kills)[: args.kills], key=lambda phase: phase != 'drawing')
        kills = sum(takewhile(bool, (kill_at(killed, phase, rng) for phase in phases)))
        with killed.start() as process:
            pass
        if process.returncode:
            sys.exit(killed.log.read_text()[-2000:])
        worst = {
            name: max(differences(content, killed.result[name]), default=0)
            for name, content in undisturbed.result.items()
        }
    print(
        f'{kills} kills, {args.processes} process(es), {args.epochs} epochs. Largest difference: '
        + ', '.join(f'{name} {value:.3g}' for name, value in worst.items())
    )
    if kills < args.kills:
        sys.exit(f'the training ended before {args.kills} kills: give more --epochs')
    if max(worst.values()) > (0 if args.processes == 1 else 1e-6):
        sys.exit('the resumed training differs')


if __name__ == '__main__':
    main()
