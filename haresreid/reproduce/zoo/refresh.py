"""The entries of a metafile that are computed: costs, figures that the paper cites, and our own results."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from haresreid.catalogue import CATALOGUE
from haresreid.config.config import config_hash, load_config
from haresreid.costs.model_cost import ModelCost, model_cost
from haresreid.evaluation.results import read_results
from haresreid.files.paths import CONFIG_ROOT

from ..paper import PAPER_TABLES, paper_table
from .metafile import Metafile

__all__ = ['cite', 'metadata', 'read_ours', 'refresh_costs']

METRICS = ('R1', 'mAP', 'mINP')
COST_SIZE = (288, 144)  # of every method, so that costs can be compared, whatever image size its own recipe has
TASK = 'Visible-Infrared Person Re-Identification'


def refresh_costs(metafile: Metafile, root: Path = CONFIG_ROOT) -> None:
    """Compute the costs of the full-size models, which are those with ``Metadata``.

    Configs with the same network, such as two recipes for one data set, are computed once.
    """
    known: dict[str, dict[str, int]] = {}
    for model in metafile.models:
        if 'Metadata' in model:
            cfg = load_config(str(root / model['Config']))
            network = json.dumps(dict(cfg.model.to_dict(), flip_test=None), default=str)
            if network not in known:
                known[network] = metadata(model_cost(cfg, COST_SIZE))
            model['Metadata'] = dict(known[network])


def metadata(cost: ModelCost) -> dict[str, int]:
    """A model's cost as a metafile states it."""
    return {
        'FLOPs': cost.flops,
        'Parameters': cost.params,
        'Parameters per Image': cost.params_per_image,
        "MACs by the Paper's Rule": cost.by_rule.macs,
        "Parameters by the Paper's Rule": cost.by_rule.params,
    }


def cite(metafile: Metafile) -> None:
    """Copy the figures that HAResformer's paper prints into the entries whose source is one of its tables.

    Raises:
        ValueError: If the table has no row for this method.
    """
    tables = {f'HAResformer, {table.name}': table for table in map(paper_table, PAPER_TABLES)}
    for entry in metafile.collection.get('Reported', []):
        if entry['Source'] in tables:
            rows = {row.label: row.values for row in tables[entry['Source']].rows}
            if metafile.name not in rows:
                raise ValueError(
                    f'{metafile.path}: {entry["Source"]} has no row {metafile.name!r}; it has {", ".join(rows)}'
                )
            entry['Metrics'] = dict(rows[metafile.name])


def read_ours(metafile: Metafile, work_dir: Path, dataset: str, root: Path = CONFIG_ROOT) -> list[str]:
    """Take our results from finished runs of ``tools/reproduce.py baselines``: means over the seeds, in percent.

    A run is in ``<config name>/seed_<n>`` below the work directory. Those without labels, and the light model's, were
    each started by hand.

    Args:
        metafile (Metafile): Its models get ``Results``; a model without finished runs keeps those that it has.
        work_dir (Path): Folder of the runs.
        dataset (str): The ``--dataset`` of the runs.
        root (Path): The folder of ``configs/``. Defaults to that of haresreid.

    Returns:
        list[str]: The models that have runs, and how many.

    Raises:
        ValueError: If a run's recipe differs from its config's present one.
    """
    found = []
    for model in metafile.models:
        runs = {
            int(file.parent.name.removeprefix('seed_')): file
            for file in (work_dir / model['Name']).glob('seed_*/metrics.json')
        }
        if runs:
            contents = [_read_run(root / model['Config'], seed, runs[seed]) for seed in sorted(runs)]
            metrics, spread = _means(contents)
            command = (
                f'python tools/train.py {model["Config"]} --seed 0 (to {max(runs)})'
                if model['Config'].startswith(('configs/unsupervised/', 'configs/light'))
                else f'python tools/reproduce.py baselines --dataset {dataset} --seeds {max(runs) + 1}'
            )
            model['Results'] = [
                dict(
                    Task=TASK,
                    Dataset='SynVI' if dataset == 'synth' else CATALOGUE[dataset].title,
                    Metrics=metrics,
                    Spread=spread,
                    Seeds=sorted(runs),
                    Command=command,
                )
            ]
            found.append(f'{model["Name"]}: {len(runs)}')
    return found


def _read_run(config: Path, seed: int, file: Path) -> dict:
    content = read_results(file)
    cfg = load_config(str(config))
    cfg.randomness.seed = seed
    found, now = content.get('config', {}).get('hash'), config_hash(cfg)
    if found != now:
        raise ValueError(
            f'{file} is of another recipe (config hash {found or "not recorded"}) than {config.name} has '
            f'now ({now}): train it again'
        )
    return content


def _means(contents: Sequence[dict]) -> tuple[dict[str, float], dict[str, float]]:
    means, spreads = {}, {}
    for protocol in contents[0]['protocols']:
        for metric in METRICS:
            values = [100 * content['protocols'][protocol]['ours']['mean'][metric] for content in contents]
            means[f'{protocol}/{metric}'] = round(float(np.mean(values)), 2)
            spreads[f'{protocol}/{metric}'] = round(float(np.std(values)), 2)
    return means, spreads
