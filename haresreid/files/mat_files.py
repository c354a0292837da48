"""Reading MATLAB files that people bring."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from scipy.io import loadmat

__all__ = ['load_mat']


def load_mat(path: str | Path) -> dict:
    """What ``scipy.io.loadmat`` reads, without its own entries.

    SciPy's reader is C, which one wrong byte in a file may crash. A process of its own reads the file.

    Args:
        path (str | Path): The file, saved with ``-v7`` at most.

    Raises:
        FileNotFoundError: There is no such file.
        NotImplementedError: It is a file of MATLAB 7.3.
        ValueError: It is no MATLAB file, or is damaged.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'There is no MATLAB file {str(path)!r}.')
    try:
        with ProcessPoolExecutor(1) as pool:
            content = pool.submit(loadmat, path).result()
    except NotImplementedError:
        raise
    except Exception as error:  # what SciPy makes of damage has no end
        raise ValueError(f'{path} is no MATLAB file, or is damaged ({type(error).__name__}).') from error
    return {name: array for name, array in content.items() if not name.startswith('__')}
