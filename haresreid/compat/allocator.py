"""Settings of the C library's memory allocator."""

import ctypes
import sys

__all__ = ['keep_freed_memory']

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of glibc's malloc.h


def keep_freed_memory() -> None:
    """Let this process keep freed memory for its next training step instead of giving it back to the system.

    By default glibc requests every large array from the system, which fills it with zeros page by page: this takes a
    fifth of the time of a full-size step on two cores. When memory is kept, the process stays at its peak, which is a
    seventh higher. Other C libraries are not changed.
    """
    if sys.platform != 'linux':
        return
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)
