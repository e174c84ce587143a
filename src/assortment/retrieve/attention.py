"""Self-attention in numpy: what a sequence model learnt, as it serves. Nothing here needs torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Scores, Vectors
from assortment.language.vectors import unit

NEAR_ZERO = 1e-5
"""What is added to a variance before it divides, as torch does."""


@dataclass(frozen=True, eq=False)
class Norm:
    """Each row less its mean, over its deviation, times scale [d], plus shift [d]."""

    scale: Scores
    shift: Scores

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(-1, keepdims=True) + NEAR_ZERO)
        return centred / spread * self.scale + self.shift


@dataclass(frozen=True, eq=False)
class Layer:
    """x W + b: matrix [in, out], shift [out]."""

    matrix: Vectors
    shift: Scores

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x @ self.matrix + self.shift


@dataclass(frozen=True, eq=False)
class Adaptor:
    """A mixture of whitening experts (Hou et al., KDD 2022): the sum over e of g_e(x) (x - b_e) W_e, with g = softmax(x G).

    experts [e, text, d] are the W, centres [e, text] the b, gate [text, e] is G.
    """

    experts: NDArray[np.float32]
    centres: Vectors
    gate: Vectors

    def __call__(self, text: Vectors) -> Vectors:
        """[m, text] to [m, d]; a row of zeros, of which nothing is known, stays zero."""
        shares = softmax(text @ self.gate)
        adapted = np.zeros((len(text), self.experts.shape[2]), np.float32)
        for expert, centre, share in zip(self.experts, self.centres, shares.T, strict=True):
            adapted += share[:, None] * ((text - centre) @ expert)
        return np.where(text.any(axis=1, keepdims=True), adapted, 0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Block:
    """Self-attention and a layer of hidden units, each added to what came in. age [heads, ages]: what a head thinks of an item
    so many visits back."""

    norm_in: Norm
    asked: Layer
    age: Scores
    out: Layer
    norm_mid: Norm
    inner: Layer
    outer: Layer

    def __call__(self, x: NDArray[np.float32], visits: NDArray[np.int64], there: NDArray[np.bool_]) -> NDArray[np.float32]:
        """x [b, l, d], visits [b, l], there [b, l]: as in `Attention`."""
        b, length, d = x.shape
        heads, ages = self.age.shape
        q, k, v = self.asked(self.norm_in(x)).reshape(b, length, 3, heads, d // heads).transpose(2, 0, 3, 1, 4)
        age = np.clip(visits[:, :, None] - visits[:, None, :], 0, ages - 1)
        weights = q @ k.swapaxes(-1, -2) / np.float32((d / heads) ** 0.5) + self.age[:, age].swapaxes(0, 1)
        itself = np.eye(length, dtype=bool)
        seen = np.tri(length, dtype=bool) & (there[:, None, :] | itself)
        weights = softmax(np.where(seen[:, None], weights, np.float32(-np.inf)))
        x = x + self.out((weights @ v).swapaxes(1, 2).reshape(b, length, d))
        return x + self.outer(np.maximum(self.inner(self.norm_mid(x)), 0))


@dataclass(frozen=True, eq=False)
class Attention:
    """Blocks in order, and a norm at the end."""

    blocks: tuple[Block, ...]
    norm: Norm

    def __call__(self, history: NDArray[np.float32], visits: NDArray[np.int64], there: NDArray[np.bool_]) -> Vectors:
        """The query [b, d], a unit row, after histories [b, l, d] of unit rows, the latest last, filled up behind where they
        are short: there [b, l] is true where there is an item. visits [b, l]: the number of each item's visit. A history of
        nothing gives zeros."""
        x = history * np.float32(history.shape[2] ** 0.5)
        for block in self.blocks:
            x = block(x, visits, there)
        lengths = there.sum(1)
        last = x[np.arange(len(x)), np.maximum(lengths - 1, 0)]
        return np.where(lengths[:, None] > 0, unit(self.norm(last)), 0).astype(np.float32)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)
