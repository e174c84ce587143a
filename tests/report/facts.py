"""Small facts to report, and a reader of the page that comes out. The judgements are made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np

from assortment.core.arrays import strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.measure import Measure
from assortment.judge import Judgement, System
from assortment.report import ReportFacts
from assortment.tune.search import Point, most_varied
from assortment.tune.settings import METHODS, Setting
from assortment.tune.tuned import Look, Tuned
from tests import world

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


def understood(goods: Catalog | None = None) -> Catalog:
    """The goods of the world with the columns that are derived."""
    goods = goods or world.catalog()
    n = len(goods)
    angle = np.linspace(0, 1.5, n, dtype=np.float32)
    goods = goods.with_column("vector", np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1).astype(np.float32))
    goods = goods.with_column("cluster", strings(["Tea, cup" if row < n / 2 else "Train, track" for row in range(n)]))
    goods = goods.with_column("derived_colour", strings(["green" if row == 0 else None for row in range(n)]))
    return goods.with_column("derived_colour_confidence", np.array([0.75] + [np.nan] * (n - 1), np.float32)[:n])


def facts(goods: Catalog | None = None, **others) -> ReportFacts:
    goods = goods if goods is not None else understood()
    said = {"shop": "The tea shop", "folder": "tea", "currency": "£", "version": "0123abcd", "time": world.START}
    return ReportFacts(**{"dataset": world.dataset(goods=goods), **said, **others})


def nothing_happened(goods: Catalog) -> Dataset:
    return Dataset(goods, world.log([], goods))


def measures(ndcg: float, redundancy: float, aspects: float = 4.0, coverage: float = 0.5) -> tuple[Measure, ...]:
    values = {"NDCG@10": ndcg, "redundancy@10": redundancy, "aspects@10": aspects, "coverage@10": coverage}
    return tuple(Measure(name, value, value - 0.004, value + 0.006, 40) for name, value in values.items())


def difference(mean: float, low: float, high: float) -> tuple[Measure, ...]:
    return (Measure("NDCG@10", mean, low, high, 40),)


def judgement(
    systems: Sequence[System] | None = None, sweep: Sequence[System] | None = None, diversity: float = 0.5
) -> Judgement:
    swept = {"0": (0.10, 0.40, 4.0, 0.50), "0.5": (0.098, 0.30, 5.0, 0.60), "1": (0.05, 0.10, 8.0, 0.70)}
    ours = ("pipeline, relevance only", swept["0"]), ("pipeline, diversity 0.5", swept["0.5"])
    named = ("Linear", (0.08, 0.42)), ("ItemNeighbours", (0.06, 0.45)), ("blend", (0.10, 0.40)), *ours
    return Judgement(
        split="What people took from 2011-10-28 on, held out",
        k=10,
        people=1234,
        skipped={"they took only what they had": 17},
        diversity=diversity,
        systems=tuple(systems if systems is not None else [System(name, measures(*values)) for name, values in named]),
        sweep=tuple(sweep if sweep is not None else [System(name, measures(*values)) for name, values in swept.items()]),
        best="Linear",
        gain=difference(0.02, 0.015, 0.025),
        change=difference(-0.002, -0.005, 0.001),
        verdicts=("keeps the sum: trees are no better over 1020 people",),
    )


def tuned(keep: float = 0.99, chosen: Point | None = None) -> Tuned:
    """Curves of every method; MMR's reaches farthest."""
    relevance = Point(Setting("mmr", 0.0, 0.0, 200, {}), 0.1, 0.4)
    before = Point(Setting("mmr", 0.35, 0.0, 200, {}), 0.096, 0.3)
    points = [
        Point(Setting(method, diversity, 0.0, 200, {}), 0.1 - cost * diversity, 0.4 - gain * diversity)
        for method, (cost, gain) in curves().items()
        for diversity in (0.1, 0.3, 0.6)
    ]
    best = chosen or most_varied([relevance, *points], keep * relevance.ndcg) or relevance
    named = ("relevance only", relevance), ("before", before), ("chosen", best)
    systems = tuple(System(name, audited(point.ndcg, point.redundancy)) for name, point in named)
    look = Look("What people took from 2011-10-28 on, held out", 1234, systems, audited(-0.002, -0.1), audited(0.001, 0.1))
    return Tuned(10, keep, tuple(points), relevance, before, best, relevance, look, replace(look, people=987))


def curves() -> dict[str, tuple[float, float]]:
    """What a method costs and gains for each step of diversity."""
    return {method: (0.01, 0.3) if method == "mmr" else (0.02 + place / 500, 0.1) for place, method in enumerate(METHODS)}


def audited(ndcg: float, redundancy: float) -> tuple[Measure, ...]:
    values = {"NDCG@10": ndcg, "redundancy@10": redundancy, "redundancy bought@10": redundancy / 2}
    return tuple(Measure(name, value, value - 0.004, value + 0.006, 40) for name, value in values.items())


@dataclass
class Element:
    """inside: what it holds, in order, text among it."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    def every(self) -> list["Element"]:
        return [self, *(deep for element in self.inside if isinstance(element, Element) for deep in element.every())]

    def all(self, tag: str) -> list["Element"]:
        return [element for element in self.every() if element.tag == tag]

    def words(self) -> str:
        return " ".join(self._text().split())

    def _text(self) -> str:
        return "".join(part if isinstance(part, str) else f" {part._text()} " for part in self.inside)

    def named(self, name: str) -> "Element":
        return next(element for element in self.every() if element.attributes.get("id") == name)


class Page(HTMLParser):
    """A strict reader: every element that opens closes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open = [Element("page", {})]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, f"<{self.open[-1].tag}> is not closed"

    @property
    def root(self) -> Element:
        return self.open[0]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def read(text: str) -> Element:
    return Page(text).root
