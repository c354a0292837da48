"""Turn a checkpoint of a training into weights to give away.

    haresreid publish work_dirs/haresformer_synth/epoch_12.pth haresformer_synth
    haresreid publish work_dirs/haresformer_synth/epoch_12.pth haresformer_synth --drop-classifier

writes haresformer_synth-<hash>.pth and .safetensors, which every tool takes in the place of the checkpoint: the
weights, and where they come from. <hash> are the first eight digits of the file's SHA-256, as torch.hub expects them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import haresreid
from haresreid.cli.arguments import config_path, user_path
from haresreid.files.extras import require_extra

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch import Tensor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('checkpoint', type=user_path, help='the .pth file of a training')
    parser.add_argument('out', type=user_path, help='the files to write, without -<hash> and suffix')
    parser.add_argument(
        '--config', type=config_path, help="what it was trained with; default: the config in the checkpoint's folder"
    )
    parser.add_argument(
        '--metrics', type=user_path, metavar='FILE.json', help="the checkpoint's metrics.json, to go along with it"
    )
    parser.add_argument(
        '--drop-classifier',
        action='store_true',
        help='leave out the classifier, which only a training with the same people needs',
    )


def find_config(checkpoint: Path) -> Config:
    """The config that the training left beside its checkpoint, read as data: the folder may come from somebody else."""
    from haresreid.config.config_data import read_config_data

    found = sorted(checkpoint.parent.glob('*.py'))
    if len(found) != 1:
        raise ValueError(
            f'{checkpoint.parent} holds {len(found)} configs: say with --config which one '
            f'{checkpoint.name} was trained with'
        )
    return read_config_data(found[0])


def describe(checkpoint: dict, cfg: Config, args: argparse.Namespace) -> dict:
    """Where the weights come from, as plain values."""
    from haresreid.config.config import config_hash
    from haresreid.evaluation.results import describe_checkpoint, read_results

    trained = checkpoint.get('meta', {})
    meta = dict(
        config=dict(name=Path(cfg.filename).stem, hash=config_hash(cfg)),
        checkpoint=describe_checkpoint(args.checkpoint),
        haresreid=haresreid.__version__,
        **{key: trained[key] for key in ('epoch', 'seed', 'dataset_meta', 'converted_from') if key in trained},
    )
    if args.metrics:
        results = read_results(args.metrics)
        for key, digest in (('config', 'hash'), ('checkpoint', 'sha256')):
            if key in results and results[key].get(digest) != meta[key][digest]:
                raise ValueError(
                    f'{args.metrics} has the figures of another {key} ({results[key]}) than {meta[key]}: '
                    "give this checkpoint's own"
                )
        meta.update(metrics={name: rows['ours'] for name, rows in results['protocols'].items()}, data=results['data'])
    return json.loads(json.dumps(meta))  # so that both formats bring the same


def select_weights(checkpoint: dict, drop_classifier: bool) -> dict[str, Tensor]:
    """The weights, one after the other in memory and apart from each other."""
    import torch

    from haresreid.engine.hooks.checkpoint_guard_hook import CLASSIFIER

    weights = checkpoint.get('state_dict', checkpoint)
    return {
        name: value.detach().clone(memory_format=torch.contiguous_format)
        for name, value in weights.items()
        if not (drop_classifier and name.startswith(CLASSIFIER))
    }


def write(weights: dict[str, Tensor], meta: dict, out: str, suffix: str) -> Path:
    """Write one of the two files under the name that its content gives it, and print that."""
    import torch
    from safetensors.torch import save_file

    from haresreid.files.checkpoint_file import METADATA
    from haresreid.files.files import written_whole

    with tempfile.TemporaryDirectory(dir=Path(out).parent) as folder:
        draft = Path(folder, f'model{suffix}')
        if suffix == '.safetensors':
            save_file(weights, draft, {METADATA: json.dumps(meta), 'format': 'pt'})
        else:
            torch.save(dict(state_dict=weights, meta=meta), draft)
        content = draft.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = Path(f'{out}-{digest[:8]}{suffix}')
    with written_whole(path) as part:
        part.write_bytes(content)
    print(f'{path}: {len(content) / 2**20:.1f} MiB, SHA-256 {digest}')
    return path


def verify(path: Path, weights: dict[str, Tensor], meta: dict, cfg: Config) -> None:
    """Read the file again, compare it with what was to be written, and load it into the config's model."""
    import torch

    from haresreid.apis import init_model
    from haresreid.files.checkpoint_file import read_checkpoint

    found = read_checkpoint(path, map_location='cpu')
    same = (
        found['meta'] == meta
        and found['state_dict'].keys() == weights.keys()
        and all(torch.equal(found['state_dict'][name], value) for name, value in weights.items())
    )
    if not same:
        raise ValueError(f'{path} does not read back as it was written: the disk is failing, or full')
    init_model(cfg, str(path))


def main(args: argparse.Namespace) -> None:
    require_extra('safetensors', 'deploy')
    if not Path(args.out).parent.is_dir():
        raise FileNotFoundError(f'there is no folder {Path(args.out).parent} to write into; make it first')
    from haresreid.apis import init_model
    from haresreid.config.config import load_config
    from haresreid.files.checkpoint_file import read_checkpoint

    checkpoint = read_checkpoint(args.checkpoint, map_location='cpu')
    cfg = load_config(args.config) if args.config else find_config(Path(args.checkpoint))
    meta, weights = describe(checkpoint, cfg, args), select_weights(checkpoint, args.drop_classifier)
    init_model(cfg, args.checkpoint)  # a config that does not fit is found before anything is written
    for suffix in ('.pth', '.safetensors'):
        verify(write(weights, meta, args.out, suffix), weights, meta, cfg)
    print(
        f'{len(weights)} tensors of {meta["config"]["name"]}, '
        f'{"without" if args.drop_classifier else "with"} classifier; both files were read back'
    )
