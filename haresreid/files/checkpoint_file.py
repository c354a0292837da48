"""Reading a checkpoint: damage is noticed, and no code runs."""

import json
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import print_log

from .extras import require_extra
from .paths import expand_home

__all__ = ['latest_checkpoint', 'peek_checkpoint', 'read_checkpoint', 'unwrapped']

METADATA = 'haresreid'  # the one entry of a .safetensors file's metadata: JSON
_peeked: dict[tuple, dict] = {}  # at most one checkpoint: the file as it was -> its content


def read_checkpoint(path: str | Path, map_location: Any = None) -> dict:
    """The content of a ``.pth`` file of tensors and plain values, or of a ``.safetensors`` file of ours.

    Weights have the names that the model gives them, whatever it was wrapped in when they were saved: see
    :func:`unwrapped`.

    Args:
        path (str | Path): The file.
        map_location: As in :func:`torch.load`.

    Returns:
        dict: What was saved; of a ``.safetensors`` file ``state_dict`` and ``meta``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, no checkpoint at all, or holds Python objects that would execute code.
    """
    path = Path(expand_home(path))
    if not path.is_file():
        raise FileNotFoundError(f'no checkpoint at {path}: give the path of a .pth or .safetensors file')
    peeked = _peeked.pop(_state(path), None)
    if peeked is not None:
        return peeked
    checkpoint = (_read_safetensors if path.suffix == '.safetensors' else _read_pth)(path, map_location)
    if not isinstance(checkpoint, dict):
        raise ValueError(f'{path} is no checkpoint, since it holds a {type(checkpoint).__name__}, no dict of weights')
    meta = checkpoint.get('meta')
    if isinstance(meta, dict) and isinstance(meta.get('config'), str):
        del meta['config']  # MMEngine's Runner.resume would execute this text, which MMEngine has long stopped to write
    if isinstance(checkpoint.get('state_dict'), dict):
        checkpoint['state_dict'] = unwrapped(checkpoint['state_dict'])
        return checkpoint
    return unwrapped(checkpoint)


def peek_checkpoint(path: str | Path) -> dict:
    """Look into a checkpoint that will be loaded: the next :func:`read_checkpoint` of it gives what was read here.

    A checkpoint of a large model takes seconds to read and to compare with its checksums, so it is read once. Its
    content is on the CPU, and must not be changed.

    Args:
        path (str | Path): The file.

    Raises:
        FileNotFoundError: See :func:`read_checkpoint`.
        ValueError: The same.
    """
    content = read_checkpoint(path, map_location='cpu')
    _peeked.clear()
    _peeked[_state(Path(expand_home(path)))] = content
    return content


def _state(path: Path) -> tuple:
    """What changes when a file is replaced or written."""
    stat = path.stat()
    return path.absolute(), stat.st_ino, stat.st_size, stat.st_mtime_ns


def unwrapped(weights: dict) -> dict:
    """Weights without the ``module.`` of a data-parallel model and the ``_orig_mod.`` of a compiled one in their names.

    Args:
        weights (dict): By name.

    Raises:
        ValueError: Two names become one.
    """
    plain = {name: re.sub(r'(^|\.)_orig_mod\.', r'\1', name) if isinstance(name, str) else name for name in weights}
    while plain and all(isinstance(name, str) and name.startswith('module.') for name in plain.values()):
        plain = {name: short.removeprefix('module.') for name, short in plain.items()}
    if len(set(plain.values())) < len(plain):
        raise ValueError(
            'a checkpoint has weights with and without _orig_mod. in their names: save it again where it '
            'was made, with one name for each'
        )
    if all(name == short for name, short in plain.items()):
        return weights
    return {short: weights[name] for name, short in plain.items()}


def _read_pth(path: Path, map_location: Any) -> dict:
    _require_undamaged(path)
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f'{path} holds Python objects beside its tensors, and haresreid executes no code from a '
            "checkpoint: save it again as {'state_dict': ..., 'meta': ...} where it was made"
        ) from error
    except Exception as error:  # the unpickler trips over a damaged stream in many ways: KeyError, IndexError, ...
        reason = f'{type(error).__name__}: {error}'.splitlines()[0]
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({reason}): it is damaged, or was made by other software'
        ) from error


def _require_undamaged(path: Path) -> None:
    """Compare the content with the checksums in the file, which ``torch.load`` does not do."""
    with open(path, 'rb') as file:
        start = file.read(16)
    if start[:1] == b'\x80':  # torch's format before 1.6, a bare pickle: it has no checksums
        return
    if start and start[:2] != b'PK':
        raise ValueError(f'{path} is no checkpoint, since it begins with {start!r}: give a .pth or .safetensors file')
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        damaged = f'{path.stat().st_size} bytes, {error}'
    if damaged:
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({damaged}): it is damaged or was cut off while being '
            'written or copied; use an earlier one'
        )


def _read_safetensors(path: Path, map_location: Any) -> dict:
    require_extra('safetensors', 'deploy')
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework='pt', device=str(map_location or 'cpu')) as file:
            meta = json.loads((file.metadata() or {}).get(METADATA, '{}'))
            return dict(state_dict={name: file.get_tensor(name) for name in file.keys()}, meta=meta)
    except (SafetensorError, json.JSONDecodeError, OSError) as error:
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({error}): it is damaged or was cut off while being '
            'written or copied'
        ) from error


def latest_checkpoint(folder: str | Path) -> tuple[Path, dict] | None:
    """The newest undamaged checkpoint of a run, and its ``meta``; damaged ones are named in the log and passed over.

    The run that goes on from it does not read it again: see :func:`peek_checkpoint`.

    Args:
        folder (str | Path): The work directory.

    Returns:
        tuple[Path, dict], optional: None when there is no checkpoint at all.

    Raises:
        ValueError: There are checkpoints and none can be read.
    """
    # by number: a run may have been killed between writing a checkpoint and noting it in last_checkpoint
    files = {
        int(match[1]): file
        for file in Path(folder).glob('*.pth')
        if (match := re.fullmatch(r'(?:epoch|iter)_(\d+)', file.stem))
    }
    problems = []
    for number in sorted(files, reverse=True):
        try:
            checkpoint = peek_checkpoint(files[number])
            if not {'meta', 'optimizer'} <= checkpoint.keys():
                raise ValueError(f'{files[number]} holds weights alone, from which no run can go on')
        except ValueError as error:
            problems.append(str(error))
        else:
            for problem in problems:
                print_log(f'{problem}. The run goes on from {files[number]}', 'current')
            return files[number], checkpoint['meta']
    if problems:
        raise ValueError(
            f'no checkpoint in {folder} can be read: {"; ".join(problems)}. To start from the beginning, '
            'take them out of the folder'
        )
    return None
