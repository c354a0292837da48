import pytest

from haresreid.reproduce.zoo import Metafile, read_metafiles


@pytest.fixture(scope='session')
def metafiles() -> list[Metafile]:
    """The repository's."""
    return read_metafiles()
