"""Vectors that were computed once, kept on disk by the content of their text."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assortment.core.arrays import Vectors
from assortment.core.progress import tell
from assortment.core.stage import Encoder
from assortment.language.vectors import EncoderError

CHUNK = 512
"""Texts that are encoded, and committed, at a time."""


@dataclass(frozen=True)
class CachedEncoder:
    """An encoder that keeps what it has computed in one SQLite file, which several processes may use at once.

    folder: where it lies, None for the user's cache folder; a vector is found by the encoder's fingerprint and its text, so
    another model never answers for this one. The file may be deleted at any time.
    """

    encoder: Encoder
    folder: str | None = None

    @property
    def spec(self) -> str:
        return self.encoder.spec

    @property
    def fingerprint(self) -> str:
        return self.encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return self.encoder.encode(texts)
        keys = [self._key(text) for text in texts]
        with _opened(cache_folder(self.folder)) as file:
            known = _read(file, keys)
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            for done, chunk in _chunks(sorted(missing.items(), key=lambda entry: len(entry[1]))):
                known.update(self._computed(chunk))
                _write(file, {key: known[key] for key in chunk})
                tell("encode", done, len(missing))
        return np.stack([np.frombuffer(known[key], np.float32) for key in keys])

    def _key(self, text: str) -> bytes:
        content = f"{self.fingerprint}\0{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(content, digest_size=20).digest()

    def _computed(self, texts: Mapping[bytes, str]) -> dict[bytes, bytes]:
        vectors = self.encoder.encode(list(texts.values()))
        return {key: vector.tobytes() for key, vector in zip(texts, vectors, strict=True)}


def cached(encoder: Encoder, folder: Path | None = None) -> CachedEncoder:
    """The same encoder, which computes no text twice. folder: None for `$XDG_CACHE_HOME/assortment` or `~/.cache/assortment`.

    Use it for catalogs. Not for what people search for: their words would stay on the disk.
    """
    return CachedEncoder(encoder, None if folder is None else str(folder))


def cache_folder(named: str | None = None) -> Path:
    """The user's cache folder, or the one that is named."""
    if named is not None:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "assortment"


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    file = folder / "vectors.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=60)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
            yield connection
    except (sqlite3.Error, OSError) as error:
        way_out = "delete it, or name a folder that can be written in XDG_CACHE_HOME"
        raise EncoderError(f"the cache of vectors {file} cannot be used ({error}); {way_out}") from error


def _read(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        marks = ",".join("?" * len(some))
        known.update(connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some))
    return known


def _write(connection: sqlite3.Connection, vectors: Mapping[bytes, bytes]) -> None:
    with connection:
        connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())


def _chunks(entries: Sequence[tuple[bytes, str]]) -> Iterator[tuple[int, dict[bytes, str]]]:
    """Some entries at a time, each with how many there were so far."""
    for start in range(0, len(entries), CHUNK):
        chunk = dict(entries[start : start + CHUNK])
        yield start + len(chunk), chunk
