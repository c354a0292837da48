import os
from collections.abc import Callable

import pytest

from .states import Proof


@pytest.fixture(scope='session')
def tell() -> Callable[[str, Proof], None]:
    """Shows a row of a table, which `pytest tests/test_crash_states -s -n 0` prints."""
    print('\n| operation | calls | states | old | new | neither | failing calls |\n|---|--:|--:|--:|--:|--:|--:|')

    def row(name: str, proof: Proof) -> None:
        neither = proof.states - proof.old - proof.new
        print(f'| {name} | {proof.calls} | {proof.states} | {proof.old} | {proof.new} | {neither} | {proof.faults} |')

    return row


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Whether a disk was told to sync is what is recorded; the disk of the tests need not."""
    monkeypatch.setattr(os, 'fsync', os.fstat)
