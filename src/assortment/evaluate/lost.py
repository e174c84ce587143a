"""Where variety was lost: what the candidates of a pipeline had, and what each of its stages and rules took away.

The pipeline is walked stage by stage for some people. Of what stands there after each stage, all of it and the first k, it is
told how many goods and how many kinds there are and how alike they are; a kind is a label of the shop's `category`, or else of
`cluster`, or else of our `derived_category`. All numbers are means over the people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Vectors, strings
from assortment.core.blend import Blended
from assortment.core.catalog import Catalog, Labels, labels
from assortment.core.errors import BadInput
from assortment.core.pipeline import Pipeline
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.evaluate.distances import redundancy
from assortment.evaluate.lists import Values, ragged

UNSAID = "no reason given"
"""The rule of what a stage takes away without saying why."""

NAMED = 8
"""How many of the kinds that a stage takes are named."""

BATCH = 50
"""People who are asked at a time."""


@runtime_checkable
class Remover(Protocol):
    """A stage that can say why it takes goods away."""

    def removed(self, request: Request, slate: Slate) -> Mapping[str, Rows]:
        """The rows of a slate that it takes away, by rule, in the order of its rules; each under the first that takes it."""
        ...


@dataclass(frozen=True)
class Spread:
    """goods: how many, 0 …; kinds: how many different ones they bear, 0 …, None where the shop has no labels; redundancy: their
    mean cosine, 1 all the same … 0 unrelated … -1, None where fewer than two have vectors."""

    goods: float
    kinds: float | None
    redundancy: float | None


@dataclass(frozen=True)
class Part:
    """What one part of a blend finds by itself, ordered by itself. only: how many of its kinds no other part found."""

    name: str
    all: Spread
    first: Spread
    only: float | None


@dataclass(frozen=True)
class Rule:
    """What one rule of a stage took: goods; first: how many of them stood among the first k before the stage; kinds: how many
    it took altogether and by itself, all goods of the kind being its own, None where the shop has no labels."""

    name: str
    goods: float
    first: float
    kinds: float | None


@dataclass(frozen=True)
class Gone:
    """A kind that somebody's candidates had before a stage and not after it. people: the share of people, above 0 … 1."""

    kind: str
    people: float


@dataclass(frozen=True)
class Step:
    """What one stage made of its slates.

    all, first: what stands there after it, and the first k of that; room: how many kinds the first k could bear, were each good
    of another, at most k; came, went: goods that it brought and took; kinds_went: kinds that it took altogether; gone: of these
    the `NAMED` that most people lost; rules: why; parts: of a blend; chose: whether it cuts the slate to what is shown, so that
    most of what it is given must go.
    """

    stage: str
    all: Spread
    first: Spread
    room: float | None
    came: float
    went: float
    kinds_went: float | None
    gone: tuple[Gone, ...]
    rules: tuple[Rule, ...]
    parts: tuple[Part, ...]
    chose: bool


@dataclass(frozen=True)
class Lost:
    """The way of the candidates of some people through a pipeline, stage by stage; stages that changed nothing are left out.

    strangers: of how many of the people nothing is known; column: whose labels are the kinds, None where there is none;
    diversity: what held for the slates, 0 relevance only … 1 variety only, None where no stage chose for variety.
    """

    people: int
    strangers: int
    k: int
    column: str | None
    diversity: float | None
    steps: tuple[Step, ...]


def lost(pipeline: Pipeline, requests: Sequence[Request], names: Sequence[str]) -> Lost:
    """What became of the variety of the candidates of b requests for the same k.

    names: of the stages of the pipeline, as they are to be called. Raises `BadInput` where nobody asks, or for different k.
    """
    if len({request.k for request in requests}) != 1:
        raise BadInput("where variety was lost is told of one request or more, all for as many goods")
    goods = _Goods.of(pipeline.catalog)
    passages, settings = _walked(pipeline.stages, requests)
    k = requests[0].k
    steps = (_step(name, passage, goods, k) for name, passage in zip(names, passages, strict=True) if passage.changed)
    return Lost(
        people=len(requests),
        strangers=sum(not request.profile.last for request in requests),
        k=k,
        column=goods.column,
        diversity=_mean(np.array(settings, np.float64)),
        steps=tuple(steps),
    )


@dataclass(frozen=True, eq=False)
class _Goods:
    """What tells n goods apart; column and vectors None where the catalog has none, and no labels then."""

    column: str | None
    labels: Labels
    vectors: Vectors | None

    @staticmethod
    def of(catalog: Catalog) -> "_Goods":
        column = catalog.kinds
        values = catalog.column(column) if column else strings([None] * len(catalog))
        return _Goods(column, labels(values), catalog.column("vector") if "vector" in catalog else None)

    def kinds(self, lists: Sequence[Items]) -> NDArray[np.bool_]:
        """[b, kinds] which kinds each list bears."""
        return (ragged(lists, self.labels.member.shape[0]) @ self.labels.member).toarray() > 0

    def many(self, kinds: NDArray[np.bool_]) -> float | None:
        """How many kinds there are, a row; None where the shop has no labels."""
        return float(kinds.sum(1).mean()) if self.column else None

    def spread(self, lists: Sequence[Items]) -> Spread:
        alike = None if self.vectors is None else redundancy(ragged(lists, len(self.vectors)), self.vectors)
        return Spread(_length(lists), self.many(self.kinds(lists)), None if alike is None else _mean(alike))


@dataclass(frozen=True, eq=False)
class _Passage:
    """What one stage made of b lists. rules: of each list, the rows that went; alone: what each part of a blend finds."""

    before: list[Items] = field(default_factory=list)
    after: list[Items] = field(default_factory=list)
    rules: list[Mapping[str, Rows]] = field(default_factory=list)
    alone: dict[str, list[Items]] = field(default_factory=dict)
    settled: list[bool] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether any list became another one, or the stage could have said why one did."""
        same = all(np.array_equal(*pair) for pair in zip(self.before, self.after, strict=True))
        return not same or any(self.rules)

    def saw(self, stage: Stage, requests: Sequence[Request], before: Sequence[Slate], after: Sequence[Slate]) -> None:
        """Keep what a stage made of some requests."""
        self.before.extend(slate.items for slate in before)
        self.after.extend(slate.items for slate in after)
        self.settled.extend(slate.terms is not None for slate in after)
        self.rules.extend(map(_why, [stage] * len(requests), requests, before, after))
        if isinstance(stage, Blended):
            for name, part in zip(stage.names, stage.parts, strict=True):
                found = part(requests, [Slate()] * len(requests))
                self.alone.setdefault(name, []).extend(slate.items for slate in found)


def _walked(stages: Sequence[Stage], requests: Sequence[Request]) -> tuple[list[_Passage], list[float]]:
    """What each stage did, and the diversity that held for each slate that was chosen."""
    passages, settings = [_Passage() for _ in stages], []
    for start in range(0, len(requests), BATCH):
        batch = requests[start : start + BATCH]
        slates = [Slate()] * len(batch)
        for stage, passage in zip(stages, passages, strict=True):
            before, slates = slates, stage(batch, slates)
            passage.saw(stage, batch, before, slates)
            settings += [slate.terms.diversity for slate in slates if slate.terms]
        tell("people", min(start + BATCH, len(requests)), len(requests))
    return passages, settings


def _why(stage: Stage, request: Request, before: Slate, after: Slate) -> Mapping[str, Rows]:
    """The rows that went, by rule."""
    if isinstance(stage, Remover):
        return stage.removed(request, before)
    went = np.flatnonzero(~np.isin(before.items, after.items))
    return {UNSAID: went} if len(went) else {}


def _step(name: str, passage: _Passage, goods: _Goods, k: int) -> Step:
    before, after = goods.kinds(passage.before), goods.kinds(passage.after)
    taken = before & ~after
    stayed = _length([np.intersect1d(*pair) for pair in zip(passage.before, passage.after, strict=True)])
    return Step(
        stage=name,
        all=goods.spread(passage.after),
        first=goods.spread(_first(passage.after, k)),
        room=float(np.minimum(after.sum(1), k).mean()) if goods.column else None,
        came=_length(passage.after) - stayed,
        went=_length(passage.before) - stayed,
        kinds_went=goods.many(taken),
        gone=_gone(taken, goods.labels.names),
        rules=tuple(_rule(rule, passage, goods, k, taken) for rule in _rules(passage)),
        parts=_parts(passage.alone, goods, k),
        chose=all(passage.settled),
    )


def _gone(taken: NDArray[np.bool_], names: Sequence[str]) -> tuple[Gone, ...]:
    share = taken.mean(0)
    most = [kind for kind in np.argsort(-share, kind="stable").tolist()[:NAMED] if share[kind] > 0]
    return tuple(Gone(names[kind], float(share[kind])) for kind in most)


def _rules(passage: _Passage) -> list[str]:
    """The rules that took something, in the order in which they are asked."""
    return list(dict.fromkeys(name for by_rule in passage.rules for name, rows in by_rule.items() if len(rows)))


def _rule(name: str, passage: _Passage, goods: _Goods, k: int, taken: NDArray[np.bool_]) -> Rule:
    rows = [by_rule.get(name, _no_rows) for by_rule in passage.rules]
    left = goods.kinds([np.delete(*pair) for pair in zip(passage.before, rows, strict=True)])
    return Rule(name, _length(rows), _length([row[row < k] for row in rows]), goods.many(taken & ~left))


_no_rows: Rows = np.empty(0, np.int64)


def _parts(alone: Mapping[str, list[Items]], goods: _Goods, k: int) -> tuple[Part, ...]:
    found = {name: goods.kinds(lists) for name, lists in alone.items()}
    times = sum(kinds.astype(np.int64) for kinds in found.values())
    return tuple(
        Part(name, goods.spread(lists), goods.spread(_first(lists, k)), goods.many(found[name] & (times == 1)))
        for name, lists in alone.items()
    )


def _first(lists: Sequence[Items], k: int) -> list[Items]:
    return [items[:k] for items in lists]


def _length(lists: Sequence[NDArray[np.integer]]) -> float:
    """The mean length."""
    return float(np.mean([len(row) for row in lists]))


def _mean(values: Values) -> float | None:
    """The mean of the numbers among values, None where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
