"""The model zoo's page, made from the metafiles."""

from collections.abc import Sequence
from pathlib import Path

from haresreid.catalogue import CATALOGUE, IMAGE_LAYOUTS
from haresreid.files.markdown import markdown_table

from .code_lines import lines_table
from .metafile import FROM_MEMORY, Metafile
from .paper_rows import code_link, rows_table

__all__ = ['cost_table', 'render_page']

METRICS = ('R1', 'mAP', 'mINP')
NONE = '–'
INTRODUCTION = """# Model zoo

<!-- Made of configs/metafiles/*.yml by: python tools/model_zoo.py -->

This page lists every method of this toolbox: its origin, what its papers report, what was run here, and what it costs.
It is made from `configs/metafiles/`, which `model-index.yml` lists:

```bash
python tools/model_zoo.py
```

A test keeps it up to date. **No weights are published here.** Where the table names
[a converter](user_guides/converters.md), it reads the checkpoints that the method's authors released.
[Add a method](advanced_guides/add_a_method.md) says how a method gets onto this page.
"""
METHODS = """## Methods

For each `name` below except six, `configs/baselines/` contains `<name>_<data set>_<recipe>.py` and `<name>_synth.py`.
The data sets are `sysu`, `regdb` and `llcm`. The recipe `paper` is that of the method's own released code or paper, and
`unified` is HAResformer's. `synth` is a narrow model on SynVI. The configs of `haresformer`, `light`, `person_vit` and
`person_vit_camera` are `configs/<name>_<data set>.py`. Those of `adca` and `pgm`, which are trained
[without labels](user_guides/unsupervised.md), are `configs/unsupervised/<name>_<data set>.py`. The licence is that of
the official code. None of that code is copied here.
"""
ROWS = """## The rows of Tables VI to VIII

HAResformer's paper compares itself with these methods, by the figures of their own papers. This trains those that run
here, each by its own recipe, and says why the others do not:

```bash
python tools/reproduce.py table6 --dataset sysu
```

[Other methods](user_guides/reproduce.md#other-methods) explains what it prints. A method "as described" follows a paper
or its abstract, since no code was found. What is a reading in it, and where the others depart from their code, is
listed under [differences](#differences); what nobody has looked up, under [from memory](#from-memory).

Its section II names others beside these. Zero-padding, TONE, BDTR, X-modality, HAT, MMN and TransReID run here. cmGAN
(IJCAI 2018), CMT (ECCV 2022), the cross-modality interaction transformer (TMM 2023) and pose attention-guided
generation (SPL 2024) do not: no code of their authors was found. Of CMT, what is said of its prototypes and of its
modulation would leave most of a row to us.
"""
REPORTED = f"""## Reported figures

Rank-1 / mAP in percent, and / mINP if the source gives it, **published by others and not measured here**. † marks a
figure {FROM_MEMORY}: look it up before you quote it. A source "HAResformer, Table ..." is the figure as that paper
prints it; for another method it may itself be a citation. Papers differ in recipe, image size and test feature, and
mostly choose the best epoch on the test set.
"""
TWO_LLCM = """The figures of LLCM exist in two versions that must not be mixed, hence two tables. HAResformer's Table
VIII compares with the figures first published. The README of ZYK100/LLCM has replaced them by others. Among these,
visible to infrared exchanges query and gallery (`llcm/v2i-legacy`, see [protocols](user_guides/protocols.md#traps)).
"""
OURS = """## Our figures

Rank-1, mAP and mINP in percent, of the last epoch, mean ± standard deviation over the seeds. `..._synth` and
`haresformer_synth_short` are narrow models on SynVI's drawn images, all trained in the same way. They say nothing about
real images, nor about a method's published figures.
"""
NOT_RUN = """Not yet run: {names}.

Nobody in this project has had the real data. These commands train the narrow models and enter their figures here:

```bash
python tools/reproduce.py baselines --dataset synth --seeds 3
python tools/model_zoo.py results work_dirs/reproduce
```
"""
COST = """## Cost

The cost of one 288 x 144 image, for full-size models, also where a method's own recipe has images of another size. This
prints it from the configs:

```bash
python tools/model_zoo.py costs
```

"""
COST_NOTES = """
- *Paper's rule*: multiply-accumulates and parameters of the backbone as HAResformer's Table V counts them: without
  the products inside attention, without neck and head, but with norms. Because of the norms it exceeds the deployed
  figure of a CNN.
- *Deployed*: multiply-accumulates of all convolutions and matrix products from image to feature, with SYSU-MM01's 395
  classes.
- *One image passes*: the parameters on which an image's feature depends, without those of the other modality and of the
  classifier.
- *All*: the parameters of a model in training. They depend on the data set, because the classifier grows with its
  identities (395, 206, 713).
- The two recipes of a method have the same network. CAJ's own recipe also tests the mirror image: twice the cost.
- `python tools/analysis/get_flops.py CONFIG` prints the cost of one config, part by part.
"""
LINES = """## Lines of code

The lines of code that each method adds to the shared parts:

```bash
python tools/model_zoo.py lines
```

Only lines with code count, not blank lines, comments or docstrings. A file counts for the method that it came with, not
for others that use it: CAJ uses AGW's network, DTRM uses DDAG's, HC uses HC-Tri's stripes, HAResformer uses the losses
of HC-Tri and MMD-ReID. Shared parts count for no method: the two-stream ResNet with its places for non-local blocks,
the pooling layers, BNNeck, the identity and the batch-hard triplet loss, code that losses share, data and evaluation.

"""
MEMORY = """## From memory

The following was written down without its source at hand, and has not been looked up since:

"""
DIFFERENCES = """## Differences

These methods differ from their official code or paper:

"""


def render_page(metafiles: Sequence[Metafile], root: Path) -> str:
    """The text of ``docs/en/model_zoo.md``."""
    parts = [
        INTRODUCTION,
        METHODS,
        markdown_table(_methods(metafiles)),
        ROWS,
        markdown_table(rows_table(metafiles)),
        REPORTED,
        *_reported(metafiles),
        OURS,
        *_ours(metafiles),
        COST,
        markdown_table(cost_table(metafiles), labels=1),
        COST_NOTES,
        LINES,
        markdown_table(lines_table(metafiles, root)),
        *_items(metafiles, 'Why So Long'),
        MEMORY,
        *_items(metafiles, 'From Memory'),
        DIFFERENCES,
        *_items(metafiles, 'Differences'),
    ]
    return '\n\n'.join(part.strip('\n') for part in parts) + '\n'


def cost_table(metafiles: Sequence[Metafile]) -> list[list[str]]:
    """Head and rows of the costs in the metafiles.

    Raises:
        ValueError: If a full-size model has no costs.
    """
    grid = [
        [
            'method',
            "paper's rule, GMACs",
            "paper's rule, M",
            'deployed, GMACs',
            'one image passes, M',
            *(f'all, M: {CATALOGUE[key].title}' for key in IMAGE_LAYOUTS),
        ]
    ]
    for metafile in metafiles:
        costs = [_of_dataset(metafile, key)[0].get('Metadata') for key in IMAGE_LAYOUTS]
        if not all(costs):
            raise ValueError(f'{metafile.path} lacks costs: run python tools/model_zoo.py costs')
        rule = (costs[0]["MACs by the Paper's Rule"] / 1e9, costs[0]["Parameters by the Paper's Rule"] / 1e6)
        figures = (
            *rule,
            costs[0]['FLOPs'] / 2e9,
            costs[0]['Parameters per Image'] / 1e6,
            *(cost['Parameters'] / 1e6 for cost in costs),
        )
        grid.append([metafile.name, *(f'{figure:.2f}' for figure in figures)])
    return grid


def _of_dataset(metafile: Metafile, key: str) -> list[dict]:
    return [model for model in metafile.models if key in model['Name'].split('_')]


def _methods(metafiles: Sequence[Metafile]) -> list[list[str]]:
    grid = [['method', 'name', 'paper', 'official code', 'licence', 'converter']]
    for metafile in metafiles:
        paper, code = metafile.collection.get('Paper', {}), metafile.collection.get('Official Code', {})
        title = f'[{paper["Title"]}]({paper["URL"]})' if 'URL' in paper else paper.get('Title', NONE)
        link = code_link(metafile) or NONE
        converter = f'`{code["Converter"]}`' if 'Converter' in code else NONE
        title = ', '.join([title, *filter(None, [paper.get('Venue')])])
        grid.append([metafile.name, f'`{metafile.path.stem}`', title, link, code.get('License', NONE), converter])
    return grid


def _reported(metafiles: Sequence[Metafile]) -> list[str]:
    """A heading and a table for each data set."""
    names = {entry['Dataset'] for metafile in metafiles for entry in metafile.collection.get('Reported', [])}
    parts = []
    for key in IMAGE_LAYOUTS:
        parts += [TWO_LLCM] if key == 'llcm' else []
        for name in sorted(name for name in names if name.startswith(CATALOGUE[key].title)):
            parts += [f'### {name}', markdown_table(_reported_on(name, key, metafiles))]
    return parts


def _reported_on(dataset: str, key: str, metafiles: Sequence[Metafile]) -> list[list[str]]:
    entries = [
        [entry for entry in metafile.collection.get('Reported', []) if entry['Dataset'] == dataset]
        for metafile in metafiles
    ]
    protocols = dict.fromkeys(_protocol(key) for own in entries for entry in own for key in entry['Metrics'])
    grid = [['method', *(f'`{protocol}`' for protocol in protocols), 'source', 'ours']]
    for metafile, own in zip(metafiles, entries):
        if own:
            cells = [_cell(own, protocol) for protocol in protocols]
            sources = '; '.join('†' if entry['Source'] == FROM_MEMORY else entry['Source'] for entry in own)
            run = any('Results' in model for model in _of_dataset(metafile, key))
            grid.append([metafile.name, *cells, sources, 'below' if run else 'not yet run'])
    return grid


def _cell(entries: Sequence[dict], protocol: str) -> str:
    for entry in entries:
        if f'{protocol}/R1' in entry['Metrics']:
            mark = ' †' if entry['Source'] == FROM_MEMORY else ''
            figures = [
                entry['Metrics'][key] for metric in METRICS if (key := f'{protocol}/{metric}') in entry['Metrics']
            ]
            return ' / '.join(f'{figure:.2f}' for figure in figures) + mark
    return NONE


def _measured(mean: float, spread: float, seeds: Sequence[int]) -> str:
    """One seed has no spread."""
    return f'{mean:.2f} ± {spread:.2f}' if len(seeds) > 1 else f'{mean:.2f}'


def _protocol(key: str) -> str:
    return key.rsplit('/', 1)[0]


def _ours(metafiles: Sequence[Metafile]) -> list[str]:
    """A table of our results, if there are any, and what is not yet run."""
    grid = [['method', 'config', 'protocol', *METRICS, 'seeds', 'command']]
    results = [
        (metafile.name, model['Name'], result)
        for metafile in metafiles
        for model in metafile.models
        for result in model.get('Results', [])
    ]
    for method, config, result in results:
        for protocol in dict.fromkeys(map(_protocol, result['Metrics'])):
            means, spreads = (
                [result[key][f'{protocol}/{metric}'] for metric in METRICS] for key in ('Metrics', 'Spread')
            )
            grid.append(
                [
                    method,
                    f'`{config}`',
                    f'`{protocol}` on {result["Dataset"]}',
                    *(_measured(mean, spread, result['Seeds']) for mean, spread in zip(means, spreads)),
                    ', '.join(map(str, result['Seeds'])),
                    f'`{result["Command"]}`',
                ]
            )
    missing = [
        CATALOGUE[key].title
        for key in IMAGE_LAYOUTS
        if not any('Results' in model for metafile in metafiles for model in _of_dataset(metafile, key))
    ]
    missing += [
        f'`{model["Name"]}`'
        for metafile in metafiles
        for model in metafile.models
        if 'synth' in model['Name'].split('_') and 'Results' not in model
    ]
    table = [markdown_table(grid)] if len(grid) > 1 else []
    return [*table, *([NOT_RUN.format(names=', '.join(missing))] if missing else [])]


def _items(metafiles: Sequence[Metafile], key: str) -> list[str]:
    """A list of the methods' entries under a key."""
    items = [f'- **{metafile.name}**: {item}' for metafile in metafiles for item in metafile.collection.get(key, [])]
    return ['\n'.join(items)] if items else []
