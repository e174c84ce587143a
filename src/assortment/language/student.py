"""A smaller BERT that answers as a larger one does: fewer layers, heads and neurons, taught on a shop's words. Needs torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from assortment.core.arrays import Vectors
from assortment.language.bert import Bert, Turn
from assortment.learn.loop import Schedule, Trained, train

BATCH = 64
FROZEN = "embeddings."
"""Tensors whose names begin so are the teacher's, and stay: they cost nothing to run and most to train."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a student is taught by: texts as numbers of tokens, the teacher's vector [n, d] of each, and the matrix [d, m] by
    which the shop compares vectors (its whitening): what it weighs most is what is to be kept."""

    tokens: Sequence[Sequence[int]]
    vectors: Vectors
    matrix: Vectors


class Student(nn.Module):
    """The function of a Bert, its tensors open to training but those of the embeddings."""

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = bert
        self.names = {name: name.replace(".", "_") for name in bert.weights}
        for name, key in self.names.items():
            value = torch.from_numpy(np.array(bert.weights[name], np.float32))
            self.register_parameter(key, nn.Parameter(value, requires_grad=not name.startswith(FROZEN)))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[b, d] of length 1: the mean over the tokens that are there."""
        states = self._embedded(ids)
        seen = mask[:, None, None, :].bool()
        for number in range(self.bert.layers):
            states = self._layer(f"encoder.layer.{number}.", states, seen)
        weight = mask[:, :, None].to(states.dtype)
        return functional.normalize((states * weight).sum(1) / weight.sum(1))

    def weights(self) -> Bert:
        """As it stands."""
        tensors = {name: getattr(self, key).detach().numpy().copy() for name, key in self.names.items()}
        return replace(self.bert, weights=tensors)

    def tensor(self, name: str) -> Tensor:
        return getattr(self, self.names[name])

    def _embedded(self, ids: Tensor) -> Tensor:
        words = functional.embedding(ids, self.tensor("embeddings.word_embeddings.weight"))
        places = self.tensor("embeddings.position_embeddings.weight")[: ids.shape[1]]
        return self._norm("embeddings.LayerNorm", words + self.tensor("embeddings.token_type_embeddings.weight")[0] + places)

    def _layer(self, name: str, states: Tensor, seen: Tensor) -> Tensor:
        query, key, value = (
            self._linear(f"{name}attention.self.{part}", states).unflatten(2, (-1, self.bert.head)).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, seen).transpose(1, 2).flatten(2)
        states = self._norm(f"{name}attention.output.LayerNorm", self._linear(f"{name}attention.output.dense", mixed) + states)
        wide = functional.gelu(self._linear(f"{name}intermediate.dense", states))
        return self._norm(f"{name}output.LayerNorm", self._linear(f"{name}output.dense", wide) + states)

    def _linear(self, name: str, states: Tensor) -> Tensor:
        return functional.linear(states, self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))

    def _norm(self, name: str, states: Tensor) -> Tensor:
        scale, shift = self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias")
        return functional.layer_norm(states, scale.shape, scale, shift, self.bert.epsilon)


def fewer_layers(bert: Bert, layers: int) -> Bert:
    """The first layer, the last, and those evenly between them: where a student begins (after Sanh et al., 2019)."""
    kept = np.round(np.linspace(0, bert.layers - 1, layers)).astype(int).tolist() if layers > 1 else [bert.layers - 1]
    return _layers(bert, kept)


def _layers(bert: Bert, kept: Sequence[int]) -> Bert:
    weights = {name: tensor for name, tensor in bert.weights.items() if not name.startswith("encoder.layer.")}
    for new, old in enumerate(kept):
        for name, tensor in bert.weights.items():
            if name.startswith(f"encoder.layer.{old}."):
                weights[name.replace(f"layer.{old}.", f"layer.{new}.", 1)] = tensor
    return replace(bert, weights=weights)


def taught(
    bert: Bert, lessons: Lessons, schedule: Schedule, turns: Sequence[Turn] = (), *, file: Path | None = None, about: str = ""
) -> tuple[Bert, Trained]:
    """The student, trained until its vectors are those of the teacher as the shop compares them.

    The loss: the mean squared difference of vectors, times the matrix of the shop. The run is looked at by the same measure
    (negative, higher being better) on a twentieth of the texts, which it is not taught. turns: what the student's vectors go
    through; file and about: as `train` has them.
    """
    student = Student(bert)
    n = len(lessons.tokens)
    order = np.random.default_rng(schedule.seed).permutation(n)
    shown, asked = np.split(order, [n - max(1, n // 20)])
    shown = shown if len(shown) else asked
    matrix = torch.from_numpy(lessons.matrix)

    def error(rows: NDArray[np.int64]) -> Tensor:
        ids, mask = padded([lessons.tokens[row] for row in rows])
        vectors = _turned(student(ids, mask), turns)
        return (((vectors - torch.from_numpy(lessons.vectors[rows])) @ matrix) ** 2).sum(1).mean()

    def looked() -> float:
        each = [(len(rows), float(error(rows))) for rows in np.array_split(asked, -(-len(asked) // BATCH))]
        return -sum(n * value for n, value in each) / len(asked)

    def loss(_: int, rng: np.random.Generator) -> Tensor:
        return error(rng.choice(shown, min(BATCH, len(shown)), replace=False))

    trained = train(student, loss, looked, schedule, name=f"teach {bert.layers} layers", file=file, about=about)
    return student.weights(), trained


def _turned(vectors: Tensor, turns: Sequence[Turn]) -> Tensor:
    for turn in turns:
        vectors = vectors - torch.from_numpy(turn.centre)
        vectors = functional.normalize(vectors if turn.matrix is None else vectors @ torch.from_numpy(turn.matrix))
    return vectors


def padded(tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """ids and mask [b, longest]."""
    longest = max(map(len, tokens))
    ids = torch.zeros((len(tokens), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, numbers in enumerate(tokens):
        ids[row, : len(numbers)] = torch.tensor(numbers)
        mask[row, : len(numbers)] = 1
    return ids, mask


def pruned(bert: Bert, lessons: Lessons, share: float, seed: int = 1, batches: int = 16) -> Bert:
    """Without the `share` of each layer's heads and neurons that matter least: 0 all stay … below 1, at least one of each.

    Whole heads and neurons, so that matrices get smaller and the model faster; single weights set to zero would gain nothing
    where they are multiplied by all the same. How much one matters is the first-order change of a loss without it, the sum of
    |w · dL/dw| over its weights (Molchanov et al., CVPR 2019; of heads Michel et al., NeurIPS 2019), here of the squared length
    that vectors have in the matrix of the shop: of the distance to the teacher it is zero where the student is perfect.
    """
    student = Student(bert)
    _gradients(student, lessons, seed, batches)
    weights = dict(bert.weights)
    for number in range(bert.layers):
        name = f"encoder.layer.{number}."
        weights |= _smaller(student, f"{name}intermediate.dense", f"{name}output.dense", share, 1)
        weights |= _fewer_heads(student, f"{name}attention.", share)
    return replace(bert, weights=weights)


def _gradients(student: Student, lessons: Lessons, seed: int, batches: int) -> None:
    rng, matrix = np.random.default_rng(seed), torch.from_numpy(lessons.matrix)
    for _ in range(batches):
        rows = rng.choice(len(lessons.tokens), min(BATCH, len(lessons.tokens)), replace=False)
        vectors = student(*padded([lessons.tokens[row] for row in rows]))
        ((vectors @ matrix) ** 2).sum(1).mean().backward()


def _worth(student: Student, names: Sequence[str], size: int) -> NDArray[np.float64]:
    """Of each group of `size` rows of these tensors."""
    worth = 0.0
    for name in names:
        tensor = student.tensor(name)
        gradient = tensor.grad if tensor.grad is not None else torch.zeros_like(tensor)
        change = (tensor * gradient).detach().abs().numpy().astype(np.float64)
        worth = worth + change.reshape(len(change) // size, -1).sum(1)
    return np.asarray(worth)


def _kept(worth: NDArray[np.float64], share: float, size: int) -> NDArray[np.int64]:
    """The rows of the groups that stay, in their order."""
    stay = max(1, round((1 - share) * len(worth)))
    groups = np.sort(np.argsort(-worth, kind="stable")[:stay])
    return (groups[:, None] * size + np.arange(size)).ravel()


def _smaller(student: Student, enter: str, leave: str, share: float, size: int) -> dict[str, NDArray[np.float32]]:
    rows = _kept(_worth(student, [f"{enter}.weight", f"{enter}.bias"], size), share, size)
    return _cut(student, [enter], leave, rows)


def _fewer_heads(student: Student, name: str, share: float) -> dict[str, NDArray[np.float32]]:
    enter = [f"{name}self.{part}" for part in ("query", "key", "value")]
    rows = _kept(_worth(student, [f"{part}.weight" for part in enter], student.bert.head), share, student.bert.head)
    return _cut(student, enter, f"{name}output.dense", rows)


def _cut(student: Student, enter: Sequence[str], leave: str, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """The tensors that make these rows, and the one that reads them."""
    weights = student.bert.weights
    made = {f"{name}.{kind}": weights[f"{name}.{kind}"][rows] for name in enter for kind in ("weight", "bias")}
    return made | {f"{leave}.weight": weights[f"{leave}.weight"][:, rows]}
