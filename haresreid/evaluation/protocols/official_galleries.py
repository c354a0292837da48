"""The gallery draws that SYSU-MM01's authors published with their MATLAB evaluation."""

from pathlib import Path

from haresreid.files.mat_files import load_mat
from haresreid.files.paths import expand_home

__all__ = ['OfficialGalleries']


class OfficialGalleries:
    """The permutations of ``rand_perm_cam.mat``: for each camera and identity ten orders of its images, one per trial.

    The file is not part of the data set. It is in the repository wuancong/SYSU-MM01, in the folder of the MATLAB
    evaluation.

    Args:
        path (str | Path): The file.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it is not the official file.
    """

    def __init__(self, path: str | Path):
        self.path = Path(expand_home(path))
        if not self.path.is_file():
            raise FileNotFoundError(
                f'The official SYSU-MM01 galleries {str(self.path)!r} do not exist; rand_perm_cam.mat is not part of '
                "the data set but of its authors' repository wuancong/SYSU-MM01 (MATLAB evaluation): give its path, or "
                "leave it out to draw by the field's Python rule."
            )
        try:
            self._cameras = load_mat(self.path)['rand_perm_cam'].ravel()  # (6,) cells of one cell per raw identity
        except (KeyError, ValueError, NotImplementedError) as error:
            raise ValueError(
                f'{str(path)!r} is not the official rand_perm_cam.mat, which holds a variable rand_perm_cam '
                f'of 6 cells ({error}).'
            ) from None

    def order(self, pid: int, camid: int, trial: int, num_images: int) -> list[int]:
        """0-based positions, in the trial's order, of the sorted images of an identity in a camera.

        Raises:
            ValueError: If the file was drawn for another number of images.
        """
        identities = self._cameras[camid - 1].ravel()
        permutations = identities[pid - 1] if pid <= len(identities) else []
        drawn_for = permutations.shape[1] if len(permutations) else 0  # (10, n), 1-based
        if drawn_for != num_images:
            raise ValueError(
                f'{str(self.path)!r} orders {drawn_for} images of identity {pid} in camera {camid}, but the test '
                f'set has {num_images}; the official galleries fit the complete SYSU-MM01 only.'
            )
        return (permutations[trial].astype(int) - 1).tolist()
