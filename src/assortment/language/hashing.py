"""An encoder without a model: hashed n-grams of characters. For tests, and to tell what a language model adds."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Vectors
from assortment.core.errors import BadSetting, within
from assortment.language.vectors import fingerprint_of, unit

MOST_CHARACTERS = 1_000
"""What stands after so many characters of a text is not read."""


@dataclass(frozen=True)
class HashEncoder:
    """Counts of words and of their three-letter pieces, hashed into signed buckets (Weinberger et al., 2009).

    spec: `hash:<dims>`, dims 8 … 4096. Texts with words in common are near; meaning is not seen.
    """

    spec: str
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        dims = _dims(self.spec)
        vectors = np.zeros((len(texts), dims), np.float32)
        for row, text in enumerate(texts):
            for piece in _pieces(text[:MOST_CHARACTERS].lower()):
                number = zlib.crc32(piece.encode("utf-8", "surrogatepass"))
                vectors[row, (number >> 1) % dims] += 1 if number & 1 else -1
        return unit(vectors)


def open_hashing(spec: str) -> HashEncoder:
    """The encoder behind `hash:<dims>`."""
    within("dims of hash", _dims(spec), 8, 4096)
    return HashEncoder(spec, fingerprint_of("character trigrams, crc32", spec))


def _dims(spec: str) -> int:
    digits = spec.partition(":")[2]
    if not digits.isdecimal():
        raise BadSetting(f"encoder '{spec}' needs a number of dimensions, as in hash:64")
    return int(digits)


def _pieces(text: str) -> Iterator[str]:
    words = "".join(character if character.isalnum() else " " for character in text).split()
    for word in words:
        framed = f"<{word}>"
        yield framed
        yield from (framed[start : start + 3] for start in range(len(framed) - 2))
