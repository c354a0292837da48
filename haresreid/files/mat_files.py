"""Reading MATLAB files that people bring."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from scipy.io import loadmat

__all__ = ['load_mat']


def load_mat(path: str | Path) -> dict:
    """Read a file with ``scipy.io.loadmat``, without the reader's own entries.

    SciPy's reader is C code that a single wrong byte in a file may crash, so it runs in a separate process.

    Args:
        path (str | Path): The file, saved with ``-v7`` at most.

    Raises:
        FileNotFoundError: If there is no such file.
        NotImplementedError: If it is a file of MATLAB 7.3.
        ValueError: If it is not a MATLAB file, or is damaged.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'There is no MATLAB file {str(path)!r}.')
    try:
        with ProcessPoolExecutor(1) as pool:
            content = pool.submit(loadmat, path).result()
    except NotImplementedError:
        raise
    except Exception as error:  # SciPy raises all kinds of errors on damaged files
        raise ValueError(f'{path} is no MATLAB file, or is damaged ({type(error).__name__}).') from error
    return {name: array for name, array in content.items() if not name.startswith('__')}
