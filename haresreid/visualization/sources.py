"""What a figure is drawn from: dumps of features, results, or models, each with a name."""

from collections.abc import Sequence
from pathlib import Path

from haresreid.apis import extract_feature_set, load_trained
from haresreid.catalogue import PROTOCOL_NAMES, default_protocols, layout_of
from haresreid.evaluation import CrossModalProtocol, FeatureSet, protocol_by_name

__all__ = ['feature_set', 'name_sources', 'protocol_of', 'read_sources']


def read_sources(paths: Sequence[str], names: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The sources by name: (file,), or (config, checkpoint).

    Args:
        paths (Sequence[str]): ``.npz`` and ``.json`` files, and configs that are each followed by a checkpoint.
        names (Sequence[str], optional): See :func:`name_sources`.

    Raises:
        ValueError: A file is no source, or a config has no checkpoint.
    """
    sources, rest = [], iter(paths)
    for path in rest:
        pair = (path, next(rest, '')) if path.endswith('.py') else (path,)
        if len(pair) == 2 and not pair[1].endswith(('.pth', '.safetensors')):
            raise ValueError(f'A config is followed by its checkpoint (.pth), and {path} by {pair[1] or "nothing"}.')
        if len(pair) == 1 and not path.endswith(('.npz', '.json')):
            raise ValueError(f'{path} is no source of a figure: give FEATURES.npz or CONFIG.py CHECKPOINT.pth.')
        sources.append(pair)
    return name_sources(sources, names)


def name_sources(sources: Sequence[tuple[str, ...]], names: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Call the sources by the names given, or by those of their files; a metrics.json is called like its folder.

    Raises:
        ValueError: There are more or fewer names than sources, or two are the same.
    """
    if names is None:
        names = [Path(file).parent.name if file.endswith('.json') else Path(file).stem for file, *_ in sources]
    if len(names) != len(sources) or len(set(names)) != len(names):
        raise ValueError(f'{len(sources)} sources need as many different names, not {", ".join(names)}: give --names.')
    return dict(zip(names, sources))


def feature_set(source: tuple[str, ...], data_root: str | None = None) -> FeatureSet:
    """The features of a dump, or those that a model computes of its test images.

    Args:
        source (tuple[str, ...]): Of :func:`read_sources`.
        data_root (str, optional): Folder of the data set, instead of the config's. Defaults to None.
    """
    if len(source) == 1:
        return FeatureSet.load(source[0])
    return extract_feature_set(*load_trained(*source, data_root), source[1])


def protocol_of(features: FeatureSet, name: str | None, rand_perm_cam: str | None = None) -> CrossModalProtocol:
    """The protocol of that name, or the first one of the data set.

    Args:
        features (FeatureSet): They record their data set.
        name (str, optional): One of ``PROTOCOL_NAMES``.
        rand_perm_cam (str, optional): The official rand_perm_cam.mat. Defaults to None.

    Raises:
        ValueError: No name is given, and the features do not record their data set.
    """
    if name is not None:
        return protocol_by_name(name, rand_perm_cam)
    layout = layout_of(features.info.get('dataset', {}))
    if layout is None:
        raise ValueError(
            f'The features do not record their data set: give --protocol, one of {", ".join(PROTOCOL_NAMES)}.'
        )
    return protocol_by_name(default_protocols(layout)[0])
