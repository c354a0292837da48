"""Weights, their config and their result cards in a repository of the Hugging Face hub, or in a folder like one."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config

from haresreid.apis import init_model
from haresreid.config.config import config_hash
from haresreid.config.config_data import read_config_data, refuse_foreign
from haresreid.evaluation.results import read_results
from haresreid.evaluation.seal import is_sealed
from haresreid.files.checkpoint_file import peek_checkpoint
from haresreid.files.extras import require_extra
from haresreid.files.files import make_folder, require_plain
from haresreid.files.markdown import markdown_table

from .publish import require_own, write_safetensors

__all__ = ['check_bundle', 'fetch', 'figures_table', 'is_hub_name', 'make_bundle', 'send']

WEIGHTS, CONFIG, PAGE, CARDS = 'model.safetensors', 'config.py', 'README.md', 'cards'
FILES = (WEIGHTS, CONFIG, PAGE, f'{CARDS}/*.json')  # all that is ever read from a repository
HEADER = """\
---
library_name: haresreid
{license}tags:
- person-re-identification
- visible-infrared
---

# {name}

{tensors} tensors of `{name}` (config hash {hash}), written by haresreid {version}.

```bash
pip install haresreid
haresreid hub pull OWNER/NAME model
haresreid test model/config.py model/model.safetensors
```

{figures}
"""


def is_hub_name(repository: str) -> bool:
    """Whether this is OWNER/NAME of the hub rather than a folder: no folder is called so, and it begins with no dot."""
    return bool(re.fullmatch(r'\w[\w.-]*/\w[\w.-]*', repository)) and not Path(repository).is_dir()


def make_bundle(
    folder: Path, weights: dict, meta: dict, cfg: Config, cards: Sequence[str | Path], license: str | None = None
) -> None:
    """Write everything that belongs into a repository.

    Args:
        folder (Path): An empty folder.
        weights (dict): From :func:`select_weights`.
        meta (dict): From :func:`describe`.
        cfg (Config): The config that they were trained with. Absolute paths in it become the files' names.
        cards (Sequence[str | Path]): ``metrics.json`` files of these weights.
        license (str, optional): The hub's name of the weights' licence. Defaults to None: none is stated.

    Raises:
        ValueError: If a card is of other weights, or its seal is missing or broken.
    """
    results = []
    for number, card in enumerate(cards):
        results.append(require_sealed(card))
        require_own(card, results[-1], meta)
        make_folder(folder / CARDS)
        shutil.copyfile(card, folder / CARDS / f'{number:02d}.json')
    write_safetensors(weights, meta, folder / WEIGHTS)
    _dump_portable(cfg, folder / CONFIG)
    text = HEADER.format(
        license=f'license: {license}\n' if license else '',
        name=meta['config']['name'],
        hash=meta['config']['hash'],
        version=meta['haresreid'],
        tensors=len(weights),
        figures=figures_table(results) or 'No figures were sent along.',
    )
    (folder / PAGE).write_text(text, encoding='utf-8')


def check_bundle(folder: Path) -> tuple[Config, list[dict]]:
    """Read a repository without executing anything in it, and load the weights into the config's model.

    Returns:
        tuple: The config, and the content of each card.

    Raises:
        FileNotFoundError: If weights or config are missing.
        ValueError: If something is damaged or is code, or config, weights and cards do not belong together.
    """
    for name in (WEIGHTS, CONFIG):
        if not (folder / name).is_file():
            raise FileNotFoundError(f'{folder} has no {name}: it is no repository of haresreid hub push')
    cfg = read_config_data(folder / CONFIG)
    refuse_foreign(cfg)  # it will be used as a config, and then it is code
    meta = peek_checkpoint(folder / WEIGHTS).get('meta', {})
    trained, digest = ({} if not isinstance(meta.get(key), dict) else meta[key] for key in ('config', 'checkpoint'))
    if trained.get('hash') != config_hash(cfg):
        raise ValueError(
            f'{folder / WEIGHTS} is of another config ({trained or None}) than the {CONFIG} beside it '
            f'({config_hash(cfg)})'
        )
    if 'sha256' not in digest:
        raise ValueError(f'{folder / WEIGHTS} does not say of which checkpoint it is: it is not of haresreid hub push')
    cards = []
    for card in sorted((folder / CARDS).glob('*.json')):
        cards.append(require_sealed(card))
        require_own(card, cards[-1], meta)
    init_model(cfg, str(folder / WEIGHTS))
    return cfg, cards


def send(folder: Path, repository: str, private: bool) -> None:
    """Put a bundle into a repository of the hub, which is made if there is none, or into a new folder.

    Raises:
        ValueError: If the extra is not installed, or the folder holds something.
    """
    if is_hub_name(repository):
        require_extra('huggingface_hub', 'hub')
        from huggingface_hub import HfApi

        with hub_errors(repository):
            HfApi().create_repo(repository, private=private, exist_ok=True)
            HfApi().upload_folder(repo_id=repository, folder_path=folder, commit_message='Weights of haresreid')
        return
    require_empty(Path(repository))
    shutil.copytree(folder, repository, dirs_exist_ok=True)


def fetch(repository: str, revision: str | None, out: Path) -> tuple[Config, list[dict]]:
    """Bring weights, config and cards of a repository into a new folder, if they pass :func:`check_bundle`.

    Args:
        repository (str): OWNER/NAME of the hub, or a folder.
        revision (str, optional): Branch, tag or commit. Defaults to None: the main branch.
        out (Path): The folder; it gets nothing if anything is refused.

    Raises:
        ValueError: See :func:`check_bundle`; also if the extra is not installed, or the folder holds something.
    """
    require_empty(out)
    make_folder(out.absolute().parent)
    with tempfile.TemporaryDirectory(dir=out.absolute().parent) as temporary:
        found = Path(temporary, 'found')
        if is_hub_name(repository):
            require_extra('huggingface_hub', 'hub')
            from huggingface_hub import snapshot_download

            with hub_errors(repository):
                snapshot_download(repository, revision=revision, local_dir=found, allow_patterns=list(FILES))
        else:
            _copy(Path(repository), found)
        cfg, cards = check_bundle(found)
        shutil.rmtree(found / '.cache', ignore_errors=True)  # of the hub's client
        cfg.dump(str(found / CONFIG))  # what was read as data, in the place of a file from elsewhere
        if out.exists():
            out.rmdir()
        os.rename(found, out)
    return cfg, cards


def figures_table(cards: Sequence[dict]) -> str:
    """Rank-1, mAP and mINP of cards as Markdown, with the test data of each; empty without cards."""
    lines = [
        (protocol, *(f'{100 * row["mean"][metric]:.2f}' for metric in ('R1', 'mAP', 'mINP')), _data(card['data']))
        for card in cards
        for protocol, rows in card['protocols'].items()
        for name, row in rows.items()
        if name == 'ours'
    ]
    return markdown_table([('protocol', 'R1', 'mAP', 'mINP', 'test data'), *lines], labels=1) if lines else ''


def require_sealed(card: str | Path) -> dict:
    """The content of a card.

    Raises:
        ValueError: If it is no result, or its seal does not fit.
    """
    content = read_results(card)
    if not is_sealed(content):
        raise ValueError(f'{card} has no seal, or a broken one: it was edited, or is of an earlier release')
    return content


def require_empty(folder: Path) -> None:
    """Refuse a folder that holds something, and a file in its place."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f'{folder} is there already: give a new folder')


@contextmanager
def hub_errors(repository: str) -> Iterator[None]:
    """Say in one sentence what the hub's client says in many."""
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, ConnectionError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f'{repository} of the hub cannot be reached ({type(error).__name__}: {reason})') from error


def _data(data: dict) -> str:
    return f'{data.get("dataset", "data")} {data["fingerprint"][:12]}'


def _copy(repository: Path, found: Path) -> None:
    if not repository.is_dir():
        raise FileNotFoundError(
            f'there is no folder {repository}, and OWNER/NAME of the hub is another form: give one of the two'
        )
    for pattern in FILES:
        for file in repository.glob(pattern):
            link = next((path for path in (file, file.parent) if path != repository and path.is_symlink()), None)
            if link:
                raise ValueError(f'{link} is a link, which is not followed: put the file itself there')
            require_plain(file)
            target = found / file.relative_to(repository)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _dump_portable(cfg: Config, file: Path) -> None:
    """Write the config without this machine's paths: an absolute path becomes its last part."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(entry) for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(map(strip, value))
        return Path(value).name if isinstance(value, str) and os.path.isabs(value) else value

    cfg.dump(str(file))
    entries = strip(read_config_data(file).to_dict())
    entries.pop('work_dir', None)
    Config(entries).dump(str(file))
