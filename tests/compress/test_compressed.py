"""Compression end to end on a shop known by heart and a tiny random encoder."""

import json
from pathlib import Path

import numpy as np
import pytest

from assortment.compress import compressed
from assortment.compress.compressed import compress, passes
from assortment.compress.steps import Steps, Words, flattened, steps
from assortment.config import Settings
from assortment.core.errors import BadInput, BadSetting
from assortment.core.measure import Measure
from assortment.core.pipeline import Plan
from assortment.evaluate.cases import last_out
from assortment.guard.policy import Policy
from assortment.language.encode import open_encoder
from assortment.language.folders import folder_of, read_exported
from assortment.language.vectors import EncoderError
from assortment.parts import encoders, with_encoders
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.tune.tuned import Part
from assortment.understand.embed import Embed
from tests import world

LAYERS, DIMS, HEADS = 2, 16, 2


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A random BERT that knows the words of the shop, in a folder as transformers writes it."""
    pytest.importorskip("torch", reason="students are taught with torch; it needs the train extra")
    pytest.importorskip("onnx")
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("model")
    words = sorted({word for title in world.TEA + world.TRAINS for word in title.split()} | set("|"))
    brands = ["leaf", "clay", "cloth", "iron", "oak", "brick"]
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, *brands])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    rng = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (len(vocabulary), DIMS),
        "embeddings.position_embeddings.weight": (32, DIMS),
        "embeddings.token_type_embeddings.weight": (2, DIMS),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{name}{part}.weight": (DIMS, DIMS), f"{name}{part}.bias": (DIMS,)}
        shapes |= {f"{name}intermediate.dense.weight": (24, DIMS), f"{name}intermediate.dense.bias": (24,)}
        shapes |= {f"{name}output.dense.weight": (DIMS, 24), f"{name}output.dense.bias": (DIMS,)}
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in shapes.items()}
    weights["embeddings.word_embeddings.weight"] *= 5
    norms = ["embeddings.", *(f"encoder.layer.{n}.{part}output." for n in range(LAYERS) for part in ("attention.", ""))]
    for norm in norms:
        weights |= {f"{norm}LayerNorm.weight": np.ones(DIMS, np.float32), f"{norm}LayerNorm.bias": np.zeros(DIMS, np.float32)}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = {"model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu", "hidden_size": DIMS}
    config |= {"num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "intermediate_size": 24, "layer_norm_eps": 1e-12}
    config |= {"vocab_size": len(vocabulary), "max_position_embeddings": 32, "type_vocab_size": 2, "pad_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"})
    )
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": DIMS, "pooling_mode_mean_tokens": True})
    )
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
                for n, (path, kind) in enumerate(kinds.items())
            ]
        )
    )
    return folder


def _plan(model: Path) -> Plan:
    spec = f"hf:{model}"
    return Plan((Semantic(encoder=spec), Policy()), (Embed(encoder=spec, dims=4),))


def _parts() -> tuple[Part, Part]:
    test = last_out(world.dataset(), 3, False)
    return Part(last_out(test.past, 3, False), "before"), Part(test, "last")


def test_the_shop_gets_the_smallest_encoder_that_keeps_its_ndcg(model, tmp_path):
    found = compress(_plan(model), *_parts(), Steps(dims=11, int8=True), tmp_path, 1)
    names = [row.name for row in found.rows]
    assert names == ["full model, torch", "full model, ONNX", f"hf:{model}, as it serves", "+ 11 dims", "+ int8"]
    torch, onnx, served, *made = found.rows
    assert abs(onnx.change.mean) < 1e-9, "the export answers as the model does"
    assert torch.ndcg == onnx.ndcg
    assert served.change.mean == 0
    for row in made:
        assert row.passed == (row.change.mean >= -0.005 * served.ndcg.mean)
    last = [row for row in made if row.passed]
    if last:
        assert found.encoder.endswith(open_encoder(found.encoder).fingerprint)
        assert [file.name for file in tmp_path.iterdir()] == [Path(found.encoder).name], "what was made on the way is gone"
        assert set(encoders(found.put_into(_plan(model)))) == {found.encoder}
        assert (found.test is not None) == found.kept


def test_a_step_that_loses_too_much_is_passed_over_and_the_next_stands_on_what_came_before(model, tmp_path, monkeypatch):
    """One dimension knows only what is alike along one line; the weights in 8 bits then have all 16 again."""
    lost = iter([Measure("NDCG@3", -0.5, -0.6, -0.4, 9), Measure("NDCG@3", -0.0001, -0.1, 0.1, 9)])
    step = compressed.Trial.step

    def judged(self, name, encoder, at_first):
        row = step(self, name, encoder, at_first)
        change = next(lost)
        return compressed.replace(row, change=change, passed=passes(Measure("NDCG@3", 0.5, 0, 1, 9), change))

    monkeypatch.setattr(compressed.Trial, "step", judged)
    found = compress(_plan(model), *_parts(), Steps(dims=1, int8=True), tmp_path, 1)
    assert [row.passed for row in found.rows[3:]] == [False, True]
    assert open_encoder(found.encoder).encode(["tea"]).shape == (1, 16)


def test_distilled_and_pruned_encoders_serve_without_their_teacher(model, tmp_path):
    plan, (validation, _) = _plan(model), _parts()
    exported = read_exported(model)
    start = exported.write(tmp_path / "full")
    words = Words.of(validation.split.past.catalog, start, 1)
    assert len(words.more), "parts of titles are read too"
    (_, distil), (_, prune) = steps(Steps(distil=1, prune=0.5, minutes=0.02), words, start, tmp_path, 1)
    student = distil(exported, start)
    assert student.bert.layers == 1
    smaller = prune(student, start)
    assert len(smaller.bert.weights["encoder.layer.0.attention.self.key.bias"]) == DIMS // HEADS
    encoder = smaller.write(tmp_path / "smaller")
    assert encoder.megabytes < start.megabytes
    assert encoder.encode(["tea pot", ""]).any(axis=1).tolist() == [True, False]
    assert set(encoders(with_encoders(plan, lambda *_: encoder.spec))) == {encoder.spec}


def test_principal_components_keep_the_cosines_of_centred_texts(model, tmp_path):
    exported = read_exported(model)
    vectors = exported.write(tmp_path / "full").encode(world.TEA + world.TRAINS)
    flat = flattened(exported, vectors, 11).write(tmp_path / "flat").encode(world.TEA + world.TRAINS)
    centred = vectors - vectors.mean(0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert flat.shape == (12, 11)
    assert flat @ flat.T == pytest.approx(centred @ centred.T, abs=1e-3)
    with pytest.raises(BadSetting, match="12 texts span only 12 directions"):
        flattened(exported, vectors, 13)


def test_half_a_percent_may_be_lost_and_no_more():
    before = Measure("NDCG@10", 0.2, 0.1, 0.3, 9)
    assert passes(before, Measure("NDCG@10", -0.001, -0.1, 0.1, 9))
    assert not passes(before, Measure("NDCG@10", -0.00101, -0.1, 0.1, 9))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "there is no step to try"),
        ({"prune": 1.0}, "prune is 1.0"),
        ({"distil": 0}, "distil is 0"),
        ({"dims": 0}, "dims is 0"),
    ],
)
def test_steps_that_mean_nothing_are_refused(given, said):
    with pytest.raises(BadSetting, match=said):
        Steps(**given)


def test_what_has_no_full_weights_is_refused(tmp_path):
    with pytest.raises(EncoderError, match="no full weights behind 'hash:16'; name pkg:minilm"):
        folder_of("hash:16")
    with pytest.raises(BadInput, match=r"is not a model folder: config\.json is missing"):
        read_exported(tmp_path)


def test_a_model_of_another_kind_is_refused(model, tmp_path):
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes((model / name).read_bytes())
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mpnet", "hidden_act": "gelu"}))
    with pytest.raises(BadInput, match="is a 'mpnet'; what can be made smaller is a BERT"):
        read_exported(tmp_path)


def test_a_plan_with_two_encoders_is_refused(tmp_path):
    plan = Plan((Semantic(encoder="hash:16"), Policy()), (Embed(encoder="hash:32"),))
    with pytest.raises(BadInput, match="hash:16 and hash:32; one encoder is made smaller at a time"):
        compress(plan, *_parts(), Steps(int8=True), tmp_path, 1)


def test_what_was_written_is_taken_back(tmp_path):
    shop = Shop(tmp_path / "shop")
    shop.open(Settings(name="before"))
    with pytest.raises(BadInput, match=r"no shop\.before\.toml"):
        shop.back()
    (shop.folder / "shop.before.toml").write_text((shop.folder / "shop.toml").read_text())
    shop.open(Settings(name="now"))
    shop.back()
    assert Shop(shop.folder).settings.name == "before"
    shop.back()
    assert Shop(shop.folder).settings.name == "now"
