"""BERT encoders as arrays, and as the ONNX graph that serves them. Needs the package `onnx`, but no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 17
MASKED = -1e4
"""What is added to the attention that would go to padding."""


@dataclass(frozen=True, eq=False)
class Bert:
    """weights: by the names that transformers gives to the tensors of a BertModel, matrices as [out, in]; head: dimensions of
    an attention head; epsilon: of the layer norms. Layers may differ in how many heads and neurons they have."""

    weights: Mapping[str, NDArray[np.float32]]
    head: int
    epsilon: float

    @property
    def layers(self) -> int:
        return sum(name.endswith("attention.self.query.weight") for name in self.weights)

    @property
    def dims(self) -> int:
        return len(self.weights["embeddings.LayerNorm.weight"])


@dataclass(frozen=True, eq=False)
class Turn:
    """What vectors go through: less `centre` [d], times `matrix` [d, m] where there is one, and then at length 1 again."""

    centre: NDArray[np.float32]
    matrix: NDArray[np.float32] | None = None


def graph(bert: Bert, turns: Sequence[Turn] = ()) -> Any:
    """The model of ONNX: input_ids and attention_mask [b, tokens] to sentence_embedding [b, d], of length 1.

    The mean over the tokens that are there, at length 1, through each of the turns.
    """
    from onnx import TensorProto, helper

    nodes = _Nodes()
    mask = nodes("Cast", ["attention_mask"], to=TensorProto.FLOAT)
    states = _embedded(nodes, bert)
    hidden = nodes("Mul", [nodes("Sub", [nodes("Unsqueeze", [mask, [1, 2]]), np.float32(1)]), np.float32(-MASKED)])
    for number in range(bert.layers):
        states = _layer(nodes, bert, f"encoder.layer.{number}.", states, hidden)
    vector, dims = _pooled(nodes, states, mask), bert.dims
    for turn in turns:
        vector = nodes("Sub", [vector, turn.centre])
        if turn.matrix is not None:
            vector, dims = nodes("MatMul", [vector, turn.matrix]), turn.matrix.shape[1]
        vector = _unit(nodes, vector)
    nodes("Identity", [vector], output="sentence_embedding")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "tokens"]) for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["b", dims])]
    built = helper.make_graph(nodes.made, "encoder", inputs, outputs, nodes.kept)
    return helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


class _Nodes:
    """The nodes and constants of a graph as it grows. An input is the name of a value, or a constant."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.kept: list[Any] = []

    def __call__(
        self, kind: str, inputs: Sequence[str | NDArray[Any] | np.generic | list[int]], output: str = "", **attributes: Any
    ) -> str:
        from onnx import helper

        names = [value if isinstance(value, str) else self._constant(value) for value in inputs]
        output = output or f"{kind}_{len(self.made)}"
        self.made.append(helper.make_node(kind, names, [output], name=output, **attributes))
        return output

    def _constant(self, value: Any) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.kept)}"
        array = np.asarray(value, np.int64 if isinstance(value, list) else None)
        self.kept.append(numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name))
        return name


def _embedded(nodes: _Nodes, bert: Bert) -> str:
    weights = bert.weights
    length = nodes("Gather", [nodes("Shape", ["input_ids"]), np.int64(1)])
    place = nodes("Unsqueeze", [length, [0]])
    places = nodes("Slice", [weights["embeddings.position_embeddings.weight"], [0], place, [0]])
    words = nodes("Gather", [weights["embeddings.word_embeddings.weight"], "input_ids"])
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    return _norm(nodes, bert, "embeddings.LayerNorm", nodes("Add", [nodes("Add", [words, kind]), places]))


def _layer(nodes: _Nodes, bert: Bert, name: str, states: str, hidden: str) -> str:
    attended = _linear(nodes, bert, f"{name}attention.output.dense", _attended(nodes, bert, name, states, hidden))
    states = _norm(nodes, bert, f"{name}attention.output.LayerNorm", nodes("Add", [attended, states]))
    wide = _gelu(nodes, _linear(nodes, bert, f"{name}intermediate.dense", states))
    return _norm(
        nodes, bert, f"{name}output.LayerNorm", nodes("Add", [_linear(nodes, bert, f"{name}output.dense", wide), states])
    )


def _attended(nodes: _Nodes, bert: Bert, name: str, states: str, hidden: str) -> str:
    """[b, tokens, heads * head]: each token's mean over the others, weighed as each head attends to them."""
    query, key, value = (
        nodes(
            "Transpose",
            [nodes("Reshape", [_linear(nodes, bert, f"{name}attention.self.{part}", states), [0, 0, -1, bert.head]])],
            perm=order,
        )
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
    )
    alike = nodes("Mul", [nodes("MatMul", [query, key]), np.float32(bert.head**-0.5)])
    shares = nodes("Softmax", [nodes("Add", [alike, hidden])], axis=-1)
    mixed = nodes("Transpose", [nodes("MatMul", [shares, value])], perm=[0, 2, 1, 3])
    return nodes("Reshape", [mixed, [0, 0, len(bert.weights[f"{name}attention.self.query.bias"])]])


def _linear(nodes: _Nodes, bert: Bert, name: str, states: str) -> str:
    return nodes("Add", [nodes("MatMul", [states, bert.weights[f"{name}.weight"].T]), bert.weights[f"{name}.bias"]])


def _norm(nodes: _Nodes, bert: Bert, name: str, states: str) -> str:
    scale, shift = bert.weights[f"{name}.weight"], bert.weights[f"{name}.bias"]
    return nodes("LayerNormalization", [states, scale, shift], axis=-1, epsilon=bert.epsilon)


def _gelu(nodes: _Nodes, states: str) -> str:
    """x/2 (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016), in the order in which the runtime knows it as one step."""
    error = nodes("Erf", [nodes("Div", [states, np.float32(np.sqrt(2))])])
    return nodes("Mul", [nodes("Mul", [states, nodes("Add", [error, np.float32(1)])]), np.float32(0.5)])


def _pooled(nodes: _Nodes, states: str, mask: str) -> str:
    weight = nodes("Unsqueeze", [mask, [2]])
    total = nodes("ReduceSum", [nodes("Mul", [states, weight]), [1]], keepdims=0)
    return _unit(nodes, nodes("Div", [total, nodes("ReduceSum", [mask, [1]], keepdims=1)]))


def _unit(nodes: _Nodes, vector: str) -> str:
    length = nodes("ReduceL2", [vector], axes=[1], keepdims=1)
    return nodes("Div", [vector, nodes("Max", [length, np.float32(1e-12)])])
