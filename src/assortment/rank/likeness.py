"""How alike the goods of a slate are to what a person had, and to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Scores, Vectors
from assortment.core.slate import Slate

NEWEST = 10
"""With how many of the latest goods of a history an item is compared."""

SHARPNESS = 2.0
"""How fast the candidates' mass falls: exp(SHARPNESS z), z their score before in deviations of the head of the slate."""

NAMES = ("like the last", "like the nearest", "like the history", "like one above", "like the candidates")


@dataclass(frozen=True, eq=False)
class Likeness:
    """Cosines of goods: vectors [n, d], unit rows; a zero row, where nothing is known of an item, is like nothing."""

    vectors: Vectors

    def table(self, recent: Sequence[Items], slates: Sequence[Slate], most: int) -> Scores:
        """[the first `most` items of all slates, 5]: the cosine to the latest item of the history; to the nearest, and the
        mean, of its `NEWEST` latest; to the nearest of the items above it, 0 at least; and to the other candidates, the mean
        by their mass.

        -1 … 1; NaN where there is no history. Every slate is multiplied in an array of one size, so that a batch is to the
        bit what its requests are alone.
        """
        items, inside = _padded([slate.items[:most] for slate in slates], most)
        newest, had = _padded([history[: -NEWEST - 1 : -1] for history in recent], NEWEST)
        goods = self.vectors.take(items, 0)
        to_history = goods @ self.vectors.take(newest, 0).transpose(0, 2, 1)
        to_goods = goods @ goods.transpose(0, 2, 1)
        table = np.empty((*items.shape, len(NAMES)), np.float32)
        table[..., 0] = to_history[..., 0]
        table[..., 1] = np.where(had[:, None], to_history, -1).max(2)
        table[..., 2] = (to_history @ had[..., None].astype(np.float32))[..., 0] / np.maximum(had.sum(1), 1)[:, None]
        table[~had[:, 0], :, :3] = np.nan
        np.einsum("bii->bi", to_goods)[...] = 0
        table[..., 4] = (to_goods @ _mass(slates, inside)[..., None])[..., 0]
        table[..., 3] = (to_goods * np.tri(most, dtype=np.float32)).max(2)
        return table[inside]


def _padded(lists: Sequence[Items], width: int) -> tuple[Items, NDArray[np.bool_]]:
    """Lists of at most `width` as [b, width], filled up with item 0, and where they are themselves."""
    inside = np.arange(width) < np.array([len(items) for items in lists])[:, None]
    padded = np.zeros(inside.shape, np.int32)
    padded[inside] = np.concatenate(lists)
    return padded, inside


def _mass(slates: Sequence[Slate], inside: NDArray[np.bool_]) -> Scores:
    """[b, most] shares of each head, by score; 0 outside."""
    most = inside.shape[1]
    scores = np.zeros(inside.shape, np.float32)
    scores[inside] = np.concatenate([slate.scores[:most] for slate in slates])
    count = np.maximum(inside.sum(1, keepdims=True), 1)
    mean = scores.sum(1, keepdims=True) / count
    spread = np.sqrt((np.square(scores - mean) * inside).sum(1, keepdims=True) / count)
    mass = np.exp(SHARPNESS * (scores - scores[:, :1]) / np.maximum(spread, 1e-9)) * inside
    return mass / np.maximum(mass.sum(1, keepdims=True), 1e-9)
