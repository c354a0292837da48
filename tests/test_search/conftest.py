import os

import pytest


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    """The power does not fail here; what a crash leaves is for kills.py and tests/test_crash_states."""
    monkeypatch.setattr(os, 'fsync', lambda descriptor: None)
