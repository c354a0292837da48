"""The tables of a report: the run, its config, its metrics, the cost of its model, and its environment."""

import re
from collections.abc import Iterator
from pathlib import Path

from haresreid.config.config import image_size, load_config
from haresreid.costs.complexity import Cost
from haresreid.costs.model_cost import model_cost
from haresreid.evaluation.evaluate import METRIC_NAMES
from haresreid.evaluation.results import describe_checkpoint
from haresreid.evaluation.tables import make_table
from haresreid.files.paths import CONFIG_ROOT, CONFIGS
from haresreid.files.text_files import read_text

from .blocks import Table, why
from .config_diff import diff_configs, load_base
from .run import Run

__all__ = ['config_table', 'cost_table', 'machine_table', 'metric_tables', 'overview_table', 'software_table']

NONE = '–'


def overview_table(run: Run) -> Iterator[Table]:
    """Overview of the run: one line per item, or why the item is unknown."""
    lines = {
        'folder': lambda run: str(run.folder),
        'config': _config,
        'training': _training,
        'checkpoint': _checkpoint,
        'test images': _test_images,
    }
    rows = []
    for label, describe in lines.items():
        try:
            rows.append((label, describe(run)))
        except Exception as error:
            rows.append((label, why(error)))
    yield Table((), rows)


def _config(run: Run) -> str:
    return f'{run.name}, seed {run.cfg.get("randomness", {}).get("seed", "not set")}'


def _training(run: Run) -> str:
    records = run.training_records
    seconds = sum(record['time'] for record in records) / len(records)
    return (
        f'{records[-1]["epoch"]} of {run.cfg.train_cfg.max_epochs} epochs begun, {records[-1]["step"]} steps '
        f'logged, {seconds:.2f} s per step'
    )


def _checkpoint(run: Run) -> str:
    size = run.checkpoint.stat().st_size / 1e6
    described = describe_checkpoint(str(run.checkpoint))
    return (
        f'{described["name"]}, {size:.1f} MB, SHA-256 {described["sha256"]}…; everything computed below uses this one'
    )


def _test_images(run: Run) -> str:
    data = run.metrics['data']
    name = data.get('dataset', 'data set not recorded') + (f', split {data["split"]}' if 'split' in data else '')
    counts = ' and '.join(f'{number} {modality}' for modality, number in data.get('images', {}).items())
    return f'{name}: {counts} images of {data.get("identities", NONE)} people, fingerprint {data["fingerprint"][:12]}'


def config_table(run: Run) -> Iterator[Table]:
    """Differences between the run's config and its base."""
    variant = run.cfg.get('variant')
    source = run.source or _source_of(run.name.removesuffix(f'_{variant}'))
    files, base = load_base(source)
    written = diff_configs(base, load_config(str(source)).to_dict())
    rows = [
        (
            change.key,
            *(NONE if value is None else value for value in (change.old, change.new)),
            'config' if change in written else 'run',
        )
        for change in diff_configs(base, run.cfg.to_dict())
    ]
    *bases, name = (
        str(file.relative_to(CONFIG_ROOT) if file.is_relative_to(CONFIG_ROOT) else file) for file in [*files, source]
    )
    yield Table(
        ('entry', 'base', 'this run', 'set by'),
        rows or [('no difference', NONE, NONE, NONE)],
        f'Base: {", ".join(bases)}. Set by the config: as {name} says now. Set by the run: on its command line'
        f'{f" (the variant {variant})" if variant else ""}, or the file has changed since.',
    )


def _source_of(name: str) -> Path:
    """Find a run's config by name: the user's own in the working directory, or one that comes with haresreid."""
    folders = dict.fromkeys([Path('configs').absolute(), CONFIGS])
    for folder in folders:
        if found := sorted(folder.rglob(f'{name}.py')):
            return found[0]
    raise FileNotFoundError(
        f'There is no {name}.py below {" or ".join(map(str, folders))}, so its base is not known: give '
        'the config that the run was started from with --config.'
    )


def metric_tables(run: Run) -> Iterator[Table]:
    """Every row of ``metrics.json``, in one table per protocol."""
    for protocol, results in run.metrics['protocols'].items():
        table = make_table([run.folder / 'metrics.json'], ['ours'], [protocol], METRIC_NAMES, list(results))
        rows = [
            (*labels, *(f'{mean:.2f}' + ('' if std is None else f' ± {std:.2f}') for mean, std in cells.values()))
            for labels, cells in table.lines
        ]
        yield Table((protocol, *METRIC_NAMES), rows, table.caption, numeric=True, strong=['ours'])


def cost_table(run: Run) -> Iterator[Table]:
    """Multiply-accumulates and parameters of the parts of any model, and of the whole model."""
    size = image_size(run.cfg)
    cost = model_cost(run.cfg)
    whole = {'backbone': cost.by_rule, 'deployed': cost.deployed}
    parts = {name: part for name, part in (cost.parts | whole).items() if part != Cost()}
    yield Table(
        ('part', 'multiply-accumulates', 'parameters'),
        [(name, f'{part.macs:,}', f'{part.params:,}') for name, part in parts.items()],
        f'One visible image of {size[0]} × {size[1]} (height × width). Parts, and their sum, the backbone: the layers '
        "that it passes, by the paper's counting rule (convolutions, linear layers and norms). Deployed: every "
        'convolution and matrix product at test time, those inside attention and of the head included, norms not; all '
        'parameters.',
        numeric=True,
        strong=list(whole),
    )


def software_table(run: Run) -> Iterator[Table]:
    """The versions in ``metrics.json``."""
    yield Table(('package', 'version'), list(run.metrics['software'].items()), 'At the last evaluation.')


def machine_table(run: Run) -> Iterator[Table]:
    """MMEngine's description of the machine, from the top of the log."""
    logs = sorted(run.folder.glob('*/*.log'))
    if not logs:
        raise FileNotFoundError(f'{run.folder} holds no log (*/*.log), whose first lines describe the machine.')
    head = ''.join(read_text(logs[-1]).split('-' * 60)[1:2])  # the text between two dashed lines
    rows = [
        (key, value)
        for key, value in re.findall(r'^ {4}(\S[^:\n]*): (.+)$', head, re.MULTILINE)
        if key != 'PyTorch compiling details'
    ]
    if not rows:
        raise ValueError(f'{logs[-1]} does not begin with a description of the machine.')
    yield Table(('machine', 'value'), rows, 'As MMEngine logged it at the last start.')
