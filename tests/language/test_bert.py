"""A BERT as arrays: its graph is the model of transformers, and in 8 bits nearly so."""

import sys

import numpy as np
import onnxruntime
import pytest

from assortment.language.bert import Bert, Turn, graph
from assortment.language.quantise import to_int8

IDS = np.array([[2, 7, 9, 4, 3], [2, 5, 3, 0, 0], [2, 3, 0, 0, 0]], np.int64)
MASK = (IDS > 0).astype(np.int64)


@pytest.fixture(scope="module")
def torch_model():
    """A random BertModel of two layers, two heads of 8 dimensions."""
    torch = pytest.importorskip("torch", reason="the model to compare with needs the train extra")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=12,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=8,
    )
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    return model


@pytest.fixture(scope="module")
def bert(torch_model) -> Bert:
    return Bert({name: tensor.numpy() for name, tensor in torch_model.state_dict().items()}, 8, 1e-12)


def _run(model: bytes) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(["sentence_embedding"], {"input_ids": IDS, "attention_mask": MASK})[0]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def pooled(torch_model) -> np.ndarray:
    torch = sys.modules["torch"]
    with torch.no_grad():
        states = torch_model(input_ids=torch.from_numpy(IDS), attention_mask=torch.from_numpy(MASK))[0].numpy()
    return _unit((states * MASK[:, :, None].astype(np.float32)).sum(1))


def test_the_graph_gives_the_vectors_of_transformers_padding_or_not(bert, pooled):
    assert (bert.layers, bert.dims) == (2, 16)
    assert _run(graph(bert).SerializeToString()) == pytest.approx(pooled, abs=1e-5)


def test_a_centre_is_taken_off_before_the_matrix_turns_the_vectors(bert, pooled):
    centre = pooled.mean(0)
    matrix = np.linspace(-1, 1, 48, dtype=np.float32).reshape(16, 3) ** 3
    once = _unit(pooled - centre)
    turned = _run(graph(bert, [Turn(centre), Turn(centre, matrix)]).SerializeToString())
    assert turned == pytest.approx(_unit((once - centre) @ matrix), abs=1e-4)


def test_8_bits_are_nearly_32(bert, pooled, tmp_path):
    to_int8(graph(bert), tmp_path / "model.onnx")
    quantised = _run((tmp_path / "model.onnx").read_bytes())
    assert 0.99 < (quantised * pooled).sum(1).min() < 1 - 1e-6


def test_every_output_of_a_matrix_has_a_scale_of_its_own(bert, tmp_path):
    onnx = pytest.importorskip("onnx")
    to_int8(graph(bert), tmp_path / "model.onnx")
    kept = {entry.name: tuple(entry.dims) for entry in onnx.load(str(tmp_path / "model.onnx")).graph.initializer}
    scales = [kept[name.replace("_quantized", "_scale")] for name, dims in kept.items() if dims == (16, 24)]
    assert scales == [(24,), (24,)]
