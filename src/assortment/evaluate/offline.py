"""A stage asked what people then took, and every measure of its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Items
from assortment.core.errors import BadInput
from assortment.core.measure import Measure
from assortment.core.progress import tell
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.evaluate import each, newness
from assortment.evaluate.bootstrap import Means, Spread, Values, interval, weights
from assortment.evaluate.cases import Case, Split, last_out, time_split
from assortment.evaluate.goods import Goods

__all__ = ["Case", "Evaluation", "Goods", "Split", "difference", "evaluate", "last_out", "table", "time_split"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a stage answered, and how good that was.

    person [c]: whose case each is, numbered from 0; lists [c, k]: the goods shown, best first, -1 where a list is short;
    values: of each measure the value of each case [c], NaN where it is not defined; spread: what all lists show together.
    """

    person: Items
    lists: Items
    values: Mapping[str, Values]
    spread: Spread
    measures: tuple[Measure, ...]

    def measure(self, name: str) -> Measure:
        return next(measure for measure in self.measures if measure.name == name)


def evaluate(stage: Stage, cases: Sequence[Case], goods: Goods, rng: np.random.Generator, batch: int = 256) -> Evaluation:
    """Ask a stage or a pipeline every case and measure its first k answers, with 95 % intervals over people.

    All requests have one k. Where some people are new, `Recall new` and `NDCG new` tell of them alone. rng draws the people for
    the intervals. Raises `BadInput` where there are no cases, k differs, or a slate shows a thing twice.
    """
    k = _checked_k(cases)
    lists = np.full((len(cases), k), -1, np.int32)
    for start in range(0, len(cases), batch):
        tell("evaluate", start, len(cases))
        requests = [case.request for case in cases[start : start + batch]]
        for row, slate in enumerate(stage(requests, [Slate()] * len(requests)), start):
            lists[row, : len(slate)] = slate.items[:k]
    tell("evaluate", len(cases), len(cases))
    return measured(cases, lists, goods, rng)


def measured(cases: Sequence[Case], lists: Items, goods: Goods, rng: np.random.Generator) -> Evaluation:
    """The measures of lists [c, k] that are there already: best first, -1 where a list is short."""
    k = _checked_k(cases)
    _check_lists(lists, (len(cases), k), len(goods))
    named = {
        **each.accuracy(cases, lists, len(goods)),
        **newness.by_seen(cases, lists, goods),
        **newness.crossing(cases, lists, goods),
        **each.beyond(cases, lists, goods),
    }
    values = {f"{name}@{k}": value for name, value in named.items()}
    users = [case.request.user or f"\0{row}" for row, case in enumerate(cases)]
    person = np.unique(users, return_inverse=True)[1].astype(np.int32)
    spread = Spread.of(person, lists, goods)
    return Evaluation(person, lists, values, spread, _with_intervals(k, person, values, [(1, spread)], rng))


def difference(one: Evaluation, other: Evaluation, rng: np.random.Generator) -> tuple[Measure, ...]:
    """How much higher each measure is for `one` than for `other`, case by case: the same people are drawn for both.

    Far sharper than two intervals side by side. A difference whose interval holds 0 may be chance. Raises `BadInput` where the
    two did not answer the same cases.
    """
    if not _of_the_same(one, other):
        raise BadInput("the two evaluations are of different cases; evaluate both on the same ones")
    values = {name: value - other.values[name] for name, value in one.values.items() if name in other.values}
    return _with_intervals(one.lists.shape[1], one.person, values, [(1, one.spread), (-1, other.spread)], rng)


def table(systems: Mapping[str, Sequence[Measure]]) -> list[tuple[str, ...]]:
    """Rows of text to print: a head, then one row for each system with its measures as `mean [low, high]`, `-` for none.

    >>> table({"popular": [Measure("NDCG@10", 0.0061, 0.005, 0.0072, 900)], "ours": []})
    [('', 'NDCG@10'), ('popular', '0.0061 [0.0050, 0.0072]'), ('ours', '-')]
    """
    names = list(dict.fromkeys(measure.name for measures in systems.values() for measure in measures))
    rows = [
        {measure.name: f"{measure.mean:.4f} [{measure.low:.4f}, {measure.high:.4f}]" for measure in m} for m in systems.values()
    ]
    return [("", *names), *((title, *(row.get(name, "-") for name in names)) for title, row in zip(systems, rows, strict=True))]


def _checked_k(cases: Sequence[Case]) -> int:
    ks = {case.request.k for case in cases}
    if not ks:
        raise BadInput("there are no cases: nobody took anything that could be asked for; split the log elsewhere")
    if len(ks) > 1:
        raise BadInput(f"the cases ask for slates of {sorted(ks)} goods; measure one k at a time")
    return ks.pop()


def _check_lists(lists: Items, shape: tuple[int, int], items: int) -> None:
    if lists.shape != shape:
        raise BadInput(f"the lists are {lists.shape}, the cases ask for {shape}")
    if lists.max() >= items or lists.min() < -1:
        raise BadInput(
            f"a list holds item {lists.max() if lists.max() >= items else lists.min()}; they go from 0 to {items - 1}"
        )
    in_order = np.sort(lists, 1)
    if np.any((in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)):
        raise BadInput("an item stands twice on a list")


def _of_the_same(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations are of the same people and the same goods."""
    same_people = one.lists.shape == other.lists.shape and np.array_equal(one.person, other.person)
    return same_people and len(one.spread) == len(other.spread) and one.spread.names == other.spread.names


def _with_intervals(
    k: int, person: Items, values: Mapping[str, Values], spreads: Sequence[tuple[int, Spread]], rng: np.random.Generator
) -> tuple[Measure, ...]:
    """Means of the values, then what is measured of all lists together, summed over `spreads` with its sign."""
    means = Means.of(person, np.stack(list(values.values()), 1))

    def both(drawn: Values) -> Values:
        return np.concatenate([means(drawn), sum(sign * spread(drawn) for sign, spread in spreads)], 1)

    people = int(person.max()) + 1
    points = both(np.ones((people, 1)))[0]
    draws = np.concatenate([both(drawn) for drawn in weights(people, rng)])
    whole = [f"{name}@{k}" for name in spreads[0][1].names]
    counts = [int((~np.isnan(value)).sum()) for value in values.values()] + [len(person)] * len(whole)
    names = [*values, *whole]
    return tuple(
        interval(name, float(point), draws[:, column], n, centred=column >= len(values))
        for column, (name, point, n) in enumerate(zip(names, points, counts, strict=True))
    )
