"""Real customers: what they did last, and what they are shown, without variety and with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assortment.core.catalog import Catalog
from assortment.report.facts import Customer
from assortment.report.words import day, number, share, spoken
from assortment.serve.answers import Answer
from assortment.serve.person import Deed
from assortment.serve.shelf import Item

LAST = 5
GOLDEN = 137.508
"""Degrees between the hues of one kind and the next, so that no two that are near in number look alike."""


@dataclass(frozen=True)
class Thing:
    """A product in words. hue: 0 … 360, of its kind; None where the kind is not known."""

    title: str
    price: str
    kind: str
    hue: float | None


@dataclass(frozen=True)
class Place:
    """A place of a slate; mark: that it makes room for variety or came for it."""

    number: int
    thing: Thing
    source: str
    why: str
    mark: str


@dataclass(frozen=True)
class Slate:
    """name: what it is called; kinds: how many kinds of goods it holds, 0 where none is known."""

    name: str
    places: tuple[Place, ...]
    kinds: int


@dataclass(frozen=True)
class Sketch:
    """A person in words: what they have and did last, and their slates."""

    name: str
    said: str
    last: tuple[tuple[str, Thing], ...]
    slates: tuple[Slate, ...]


def sketches(customers: Sequence[Customer], catalog: Catalog, currency: str, diversity: float | None) -> tuple[Sketch, ...]:
    """The customers as the page shows them."""
    return tuple(_sketch(customer, catalog, currency, diversity) for customer in customers)


def _sketch(customer: Customer, catalog: Catalog, currency: str, diversity: float | None) -> Sketch:
    answers = [customer.relevant] + ([customer.varied] if customer.varied else [])
    deeds = customer.person.recent[:LAST]
    items = [card.item for answer in answers for card in answer.cards] + [deed.item for deed in deeds]
    hues = _hues([_kind(item, catalog) for item in items])
    things = {item.item: _thing(item, catalog, currency, hues) for item in items}
    slates = [_slate("By relevance alone", customer.relevant, things, customer.varied, "makes room")]
    if customer.varied:
        name = f"With the shop’s variety{f', {number(diversity)}' if diversity else ''}"
        slates.append(_slate(name, customer.varied, things, customer.relevant, "for variety"))
    last = tuple((_deed(deed), things[deed.item.item]) for deed in deeds)
    return Sketch(customer.person.user, _said(customer), last, tuple(slates))


def _said(customer: Customer) -> str:
    person = customer.person
    if not person.known:
        return "new here: nothing is known of them"
    tastes = [f"{name} {share(part)}" for name, part in list(person.tastes.items())[:3]]
    return f"has {len(person.owned):,} of the goods" + (f"; mostly {', '.join(tastes)}" if tastes else "")


def _deed(deed: Deed) -> str:
    return f"{deed.kind}, {day(deed.time)}"


def _slate(name: str, answer: Answer, things: Mapping[str, Thing], other: Answer | None, mark: str) -> Slate:
    """A slate beside another: what is on this one only bears the mark."""
    there = {card.item.item for card in (other or answer).cards}
    marks = ["" if card.item.item in there else mark for card in answer.cards]
    places = tuple(
        Place(card.place, things[card.item.item], spoken(card.source or ""), card.why or "", marked)
        for card, marked in zip(answer.cards, marks, strict=True)
    )
    return Slate(name, places, len({place.thing.kind for place in places if place.thing.kind}))


def _thing(item: Item, catalog: Catalog, currency: str, hues: Mapping[str, float]) -> Thing:
    kind = _kind(item, catalog)
    price = "" if item.price is None else f"{currency}{item.price:,.2f}"
    return Thing(item.title, price, kind, hues.get(kind))


def _kind(item: Item, catalog: Catalog) -> str:
    """The kind of a product: its cluster or, where there are none, its category; empty where unknown."""
    number = catalog.ids.number(item.item)
    if "cluster" in catalog and number >= 0:
        return str(catalog.column("cluster")[number] or "")
    return item.category or ""


def _hues(kinds: Sequence[str]) -> Mapping[str, float]:
    """A hue for each kind, in the order in which they come."""
    return {kind: round(30 + place * GOLDEN, 1) % 360 for place, kind in enumerate(dict.fromkeys(filter(None, kinds)))}
