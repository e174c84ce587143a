"""Losses that make a model's own lists varied: what stands in the first k places, softened so that it can be learnt.

`L = L_rank + beta L_cap`: a list is a soft set (`soft_top`), of which the goods of each group are counted, and only what is
above the cap costs anything. beta is not chosen but found (`Price`), so that the share of lists above the cap becomes what was
asked. Hard promises are kept when a slate is chosen (`diversify`), not here: this moves what a model proposes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows
from assortment.core.catalog import Catalog, labels
from assortment.core.errors import BadSetting, within

if TYPE_CHECKING:
    from torch import Tensor

HALVINGS = 60
"""Of the interval in which the threshold of a soft list lies."""


def soft_top(scores: "Tensor", k: int, softness: float) -> "Tensor":
    """How far each item is among the k with the highest scores: m_i = sigmoid((f_i - t) / softness), t such that their sum is
    k.

    scores [b, n]; gives [b, n] in 0 … 1, all ones where n <= k. softness: near 0, the k highest and no others … large, all
    alike. t is found by halving; its derivative, dt/df_i = m_i (1 - m_i) / sum of m (1 - m), is exact by one more step of
    Newton's.
    """
    n = scores.shape[-1]
    if n <= k:
        return scores * 0 + 1
    fixed = scores.detach()
    reach = softness * (1 + abs(float(np.log(k / (n - k)))))
    low, high = fixed.amin(-1, keepdim=True) - reach, fixed.amax(-1, keepdim=True) + reach
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        many = ((fixed - middle) / softness).sigmoid().sum(-1, keepdim=True) > k
        low, high = middle.where(many, low), high.where(many, middle)
    threshold = (low + high) / 2
    there = ((fixed - threshold) / softness).sigmoid()
    slope = (there * (1 - there)).sum(-1, keepdim=True).clamp_min(1e-12) / softness
    excess = ((scores - threshold) / softness).sigmoid().sum(-1, keepdim=True) - k
    return ((scores - threshold - excess / slope) / softness).sigmoid()


def over_cap(inclusion: "Tensor", groups: "Tensor", most: float) -> "Tensor":
    """The mean over lists of the sum over groups of max(0, count - most)^2.

    inclusion [b, n] as `soft_top` gives it; groups [n, g] ones where an item belongs. What is under the cap costs nothing, and
    every list has its own part of the gradient.
    """
    return (inclusion @ groups - most).clamp_min(0).square().sum(-1).mean()


def over_exposed(inclusion: "Tensor", most: float) -> "Tensor":
    """The sum over goods of max(0, e - most)^2, over the number of lists b, e being in how many of them an item is: [b, n]."""
    return (inclusion.sum(0) - most).clamp_min(0).square().sum() / len(inclusion)


def likeness(inclusion: "Tensor", vectors: "Tensor") -> "Tensor":
    """The expected mean cosine of two goods of a list, which is 1 - ILD: the mean over lists of sum over i != j of m_i m_j v_i
    v_j, over the sum of m_i m_j. inclusion [b, n], vectors [n, d] unit rows."""
    both = (inclusion @ vectors).square().sum(-1) - inclusion.square() @ vectors.square().sum(-1)
    return (both / (inclusion.sum(-1).square() - inclusion.square().sum(-1)).clamp_min(1e-9)).mean()


def narrowness(inclusion: "Tensor", groups: "Tensor") -> "Tensor":
    """The mean over lists of -H(p), p the shares of the groups in a list: 0 all of one group … -log g all groups alike.

    An item of several groups counts in equal parts in each; those of none are left out. inclusion [b, n], groups [n, g].
    """
    parts = groups / groups.sum(-1, keepdim=True).clamp_min(1)
    counts = inclusion @ parts
    shares = counts / counts.sum(-1, keepdim=True).clamp_min(1e-9)
    return (shares * shares.clamp_min(1e-9).log()).sum(-1).mean()


@dataclass(frozen=True)
class Cap:
    """Most lists shall hold at most `most` goods that share a label of a column.

    share: of the lists that may hold more, 0 none … 1 all; k: how long a list is; softness: as in `soft_top`, of logits; step:
    how fast beta follows. After training the model's own lists are near `share`, but nothing is promised of any one of them.
    """

    column: str
    most: int = 3
    share: float = 0.05
    k: int = 10
    softness: float = 0.3
    step: float = 0.005

    def __post_init__(self) -> None:
        within("most", self.most, 1, self.k)
        _check(self.share, self.k, self.softness, self.step)

    def bound(self, catalog: Catalog) -> "Capped":
        return Capped(self, members(catalog, self.column), Price(self.share, self.step))


@dataclass(frozen=True)
class ExposureCap:
    """No item shall stand in more than a share `most` of all lists, 0 … 1.

    share: of all places that may go to goods beyond it, 0 … 1; k, softness and step as in `Cap`. It is counted over the lists
    of one batch, so that `most` should not be far below one list of a batch.
    """

    most: float = 0.05
    share: float = 0.02
    k: int = 10
    softness: float = 0.3
    step: float = 0.005

    def __post_init__(self) -> None:
        within("most", self.most, 1e-6, 1)
        _check(self.share, self.k, self.softness, self.step)

    def bound(self, catalog: Catalog) -> "Exposed":
        return Exposed(self, Price(self.share, self.step))


@dataclass(frozen=True)
class Spread:
    """The goods of a list shall be unlike each other: `weight` times their expected mean cosine in the column `vector` is added
    to the loss. weight: 0 nothing … the larger, the less they are alike; k and softness as in `Cap`."""

    weight: float = 1.0
    k: int = 10
    softness: float = 0.3

    def __post_init__(self) -> None:
        within("weight", self.weight, 0, float("inf"))
        _check(0, self.k, self.softness, 0)

    def bound(self, catalog: Catalog) -> "Weighed":
        return Weighed(self.weight, self.k, self.softness, catalog.column("vector"), likeness)


@dataclass(frozen=True)
class Mix:
    """A list shall have goods of many kinds: `weight` times the entropy of their labels in a column is taken from the loss.
    weight: 0 nothing … the larger, the more even; k and softness as in `Cap`."""

    column: str
    weight: float = 0.1
    k: int = 10
    softness: float = 0.3

    def __post_init__(self) -> None:
        within("weight", self.weight, 0, float("inf"))
        _check(0, self.k, self.softness, 0)

    def bound(self, catalog: Catalog) -> "Weighed":
        return Weighed(self.weight, self.k, self.softness, members(catalog, self.column), narrowness)


Diverse: TypeAlias = Cap | ExposureCap | Spread | Mix


def _check(share: float, k: int, softness: float, step: float) -> None:
    within("share", share, 0, 1)
    within("k", k, 2, 1000)
    within("softness", softness, 1e-3, 1000)
    within("step", step, 0, float("inf"))


def members(catalog: Catalog, column: str) -> NDArray[np.float32]:
    """[n, g]: ones where an item bears a label of a column; raises `BadSetting` for a column of numbers."""
    values = catalog.known(column)
    if values.dtype != object:
        raise BadSetting(f"column '{column}' holds numbers; a loss of variety counts labels, such as a category or a brand")
    return labels(values).member.toarray().astype(np.float32)


@dataclass(eq=False)
class Price:
    """beta, found by dual ascent: it rises while more is above the cap than `share`, and falls to 0 at least while less is.

    over: what was above the cap at the last step.
    """

    share: float
    step: float
    beta: float = 0.0
    over: float = 0.0

    def excess(self, over: float) -> float:
        """What is above the share."""
        return max(0.0, over - self.share)

    def follow(self) -> None:
        self.beta = max(0.0, self.beta + self.step * (self.over - self.share))


class Term(Protocol):
    """What is added to a loss for the lists of a batch."""

    @property
    def price(self) -> Price: ...

    def __call__(self, scores: "Tensor", items: Rows) -> "Tensor":
        """scores [b, m] of the goods `items` [m] for b lists, among which are all that could be in one."""
        ...

    def over(self, scores: "Tensor", items: Rows) -> float:
        """How much of it is above the cap, in the terms of `share`."""
        ...


@dataclass(frozen=True, eq=False)
class Capped:
    """`Cap` in a catalog: groups [n, g]."""

    cap: Cap
    groups: NDArray[np.float32]
    price: Price

    def __call__(self, scores: "Tensor", items: Rows) -> "Tensor":
        cap, groups = self.cap, scores.new_tensor(self.groups[items])
        self.price.over = self.over(scores, items)
        return self.price.beta * over_cap(soft_top(scores, cap.k, cap.softness), groups, cap.most)

    def over(self, scores: "Tensor", items: Rows) -> float:
        counts = _hard_top(scores, self.cap.k) @ scores.new_tensor(self.groups[items])
        return float((counts > self.cap.most + 0.5).any(-1).float().mean())


@dataclass(frozen=True, eq=False)
class Exposed:
    """`ExposureCap`."""

    cap: ExposureCap
    price: Price

    def __call__(self, scores: "Tensor", items: Rows) -> "Tensor":
        self.price.over = self.over(scores, items)
        soft = soft_top(scores, self.cap.k, self.cap.softness)
        return self.price.beta * over_exposed(soft, self._most(len(scores)))

    def over(self, scores: "Tensor", items: Rows) -> float:
        shown = _hard_top(scores, self.cap.k).sum(0)
        return float((shown - self._most(len(scores))).clamp_min(0).sum() / shown.sum())

    def _most(self, lists: int) -> float:
        return max(1.0, self.cap.most * lists)


@dataclass(frozen=True, eq=False)
class Weighed:
    """A regulariser of fixed weight: columns [n, …] are what `measure` needs to know of the goods."""

    weight: float
    k: int
    softness: float
    columns: NDArray[np.float32]
    measure: Callable[["Tensor", "Tensor"], "Tensor"]
    price: Price = field(default_factory=lambda: Price(0, 0))

    def __call__(self, scores: "Tensor", items: Rows) -> "Tensor":
        return self.weight * self.measure(soft_top(scores, self.k, self.softness), scores.new_tensor(self.columns[items]))

    def over(self, scores: "Tensor", items: Rows) -> float:
        return 0.0


def _hard_top(scores: "Tensor", k: int) -> "Tensor":
    """[b, m]: ones at the k highest of each row."""
    best = scores.detach().topk(min(k, scores.shape[-1])).indices
    return scores.new_zeros(scores.shape).scatter(-1, best, 1.0)
