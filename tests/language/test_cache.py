"""Vectors on disk: computed once, safe with several processes, and after being killed."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

from assortment.core.progress import watched_by
from assortment.core.save import load, save
from assortment.language.cache import CachedEncoder, cached
from assortment.language.encode import open_encoder
from assortment.language.hashing import HashEncoder
from assortment.language.onnx import OnnxEncoder
from assortment.language.vectors import EncoderError


@dataclass(frozen=True)
class Counting:
    """An encoder that remembers what it was asked."""

    inner: HashEncoder
    asked: list[str] = field(default_factory=list)

    @property
    def spec(self) -> str:
        return self.inner.spec

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint

    def encode(self, texts):
        self.asked.extend(texts)
        return self.inner.encode(texts)


def counting(dims: int = 16) -> Counting:
    return Counting(open_encoder(f"hash:{dims}"))


def test_no_text_is_computed_twice(tmp_path):
    encoder = counting()
    first = cached(encoder, tmp_path).encode(["tea", "pot", "tea"])
    again = cached(encoder, tmp_path).encode(["pot", "tea", "cup"])
    assert sorted(encoder.asked) == ["cup", "pot", "tea"]
    assert np.array_equal(first[[1, 0, 2]][:2], again[:2])
    assert np.array_equal(first, encoder.inner.encode(["tea", "pot", "tea"]))


def test_another_model_never_answers(tmp_path):
    cached(counting(16), tmp_path).encode(["tea"])
    other = counting(32)
    assert cached(other, tmp_path).encode(["tea"]).shape == (1, 32)
    assert other.asked == ["tea"]


def test_it_lies_in_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cached(counting()).encode(["tea"])
    assert (tmp_path / "assortment" / "vectors.sqlite").exists()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cached(counting()).encode(["tea"])
    assert (tmp_path / "home" / ".cache" / "assortment" / "vectors.sqlite").exists()


def test_it_tells_how_far_it_is(tmp_path):
    told: list[tuple[str, int, int]] = []
    with watched_by(lambda *step: told.append(step)):
        cached(counting(), tmp_path).encode([f"tea {number}" for number in range(1_100)])
    assert [done for _, done, _ in told] == [512, 1024, 1100]
    assert {(part, total) for part, _, total in told} == {("encode", 1100)}


def test_no_text_and_texts_without_words(tmp_path):
    encoder = cached(counting(), tmp_path)
    assert encoder.encode([]).shape == (0, 16)
    assert not encoder.encode(["", "🎁", "\ud800"]).any()


def test_it_is_the_encoder_it_holds(tmp_path):
    encoder = cached(open_encoder("hash:16"), tmp_path)
    assert (encoder.spec, encoder.fingerprint) == ("hash:16", encoder.encoder.fingerprint)
    save(encoder, tmp_path / "saved")
    assert load(tmp_path / "saved", [CachedEncoder, HashEncoder]) == encoder


def test_a_file_that_is_no_cache_is_named_and_kept(tmp_path):
    (tmp_path / "vectors.sqlite").write_text("a letter to my aunt " * 100)
    with pytest.raises(EncoderError, match=r"vectors\.sqlite cannot be used.*delete it"):
        cached(counting(), tmp_path).encode(["tea"])
    assert (tmp_path / "vectors.sqlite").read_text().startswith("a letter")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderError, match="XDG_CACHE_HOME"):
        cached(counting(), tmp_path / "file" / "folder").encode(["tea"])


def test_an_error_of_the_model_is_its_own(tmp_path):
    with pytest.raises(EncoderError, match=r"model\.onnx is missing"):
        cached(OnnxEncoder("onnx:/nowhere", "0"), tmp_path).encode(["tea"])


WRITE = """
import sys
from pathlib import Path
from assortment.language.cache import cached
from assortment.language.encode import open_encoder
encoder = cached(open_encoder("hash:16"), Path(sys.argv[1]))
for start in range(int(sys.argv[2]), int(sys.argv[3]), 100):
    encoder.encode([f"tea {number}" for number in range(start, start + 100)])
    print(start, flush=True)
"""


def _writer(folder, start: int, end: int) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", WRITE, str(folder), str(start), str(end)], stdout=subprocess.PIPE, text=True)


def test_what_was_told_is_there_after_a_kill(tmp_path):
    writer = _writer(tmp_path, 0, 10_000_000)
    lines = [writer.stdout.readline() for _ in range(5)]
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    encoder = counting()
    cached(encoder, tmp_path).encode([f"tea {number}" for number in range(int(lines[-1]) + 100)])
    assert not encoder.asked


def test_several_processes_write_at_once(tmp_path):
    writers = [_writer(tmp_path, start, start + 1_000) for start in (0, 500)]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    encoder = counting()
    found = cached(encoder, tmp_path).encode([f"tea {number}" for number in range(1_500)])
    assert not encoder.asked
    assert np.array_equal(found, encoder.inner.encode([f"tea {number}" for number in range(1_500)]))
