"""A hash over a result, inside it: an edited figure is noticed. It is no signature, since anybody can hash."""

import hashlib
import json

__all__ = ['SEAL', 'is_sealed', 'sealed']

SEAL = 'seal'


def sealed(content: dict) -> dict:
    """The content of a result with the SHA-256 of everything else in it, as ``seal``."""
    return {**content, SEAL: _hash(content)}


def is_sealed(content: dict) -> bool:
    """Whether a result has a seal that fits everything else in it."""
    return content.get(SEAL) == _hash(content)


def _hash(content: dict) -> str:
    read_again = json.loads(json.dumps({key: value for key, value in content.items() if key != SEAL}))
    return hashlib.sha256(json.dumps(read_again, sort_keys=True).encode()).hexdigest()
