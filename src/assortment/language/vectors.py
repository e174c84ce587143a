"""What all encoders share: the form of their vectors, what has words, and what can go wrong."""

import hashlib
from pathlib import Path

import numpy as np

from assortment.core.arrays import Vectors
from assortment.core.errors import AssortmentError


class EncoderError(AssortmentError, RuntimeError):
    """A model that is missing, damaged, another than it was, or out of reach."""


def same_model(spec: str, found: str, fitted: str) -> None:
    """Raise `EncoderError` where the model behind a spec is not the one that was fitted with."""
    if found != fitted:
        raise EncoderError(
            f"the model behind '{spec}' is another than the one that was fitted with (it was {fitted[:8]}, it is {found[:8]}); "
            "put the old one back, or fit again"
        )


MOST_TOKENS = 256
"""What stands after so many tokens of a text is not read."""


def worded(text: str) -> bool:
    """True where a text has a letter or a digit of any script.

    >>> worded("red"), worded("红"), worded(" \\u200b"), worded("🎁!")
    (True, True, False, False)
    """
    return any(character.isalnum() for character in text)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; zero rows stay zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length > 1e-12, length, 1)).astype(np.float32)


def sha256(file: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal digits."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fingerprint_of(*parts: str) -> str:
    """16 hexadecimal digits that change when a part does."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
