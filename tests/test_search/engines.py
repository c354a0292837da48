"""The engines that the contract is tried on."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

__all__ = ['ENGINES', 'Engine']


class Engine(NamedTuple):
    """An engine.

    Attributes:
        uri (Callable): The URI of a gallery in an empty folder.
        package (str, optional): What it needs.
        versions (bool): Whether it keeps versions, and so snapshots.
        processes (bool): Whether several processes may open it.
    """

    uri: Callable[[Path], str]
    package: str | None = None
    versions: bool = True
    processes: bool = True


ENGINES = {
    'own': Engine(lambda folder: str(folder / 'gallery')),
    'lancedb': Engine(lambda folder: f'lancedb://{folder / "gallery"}', 'lancedb'),
    'milvus': Engine(
        lambda folder: f'milvus://{folder / "lite.db"}/gallery', 'milvus_lite', versions=False, processes=False
    ),
}
