"""A shop known by heart: two tastes, tea and trains; everyone has bought everything of theirs but one thing."""

import numpy as np

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, Event, Events

DAY = 86_400_000
START = 1_600_000_000_000

TEA = ["green tea", "black tea", "tea pot", "tea cup", "tea towel", "tea tin"]
TRAINS = ["steam train", "train track", "train bridge", "toy train", "train station", "train signal"]


def catalog() -> Catalog:
    """Twelve goods: t0 … t5 are tea, r0 … r5 trains."""
    ids = [f"t{i}" for i in range(6)] + [f"r{i}" for i in range(6)]
    brands = ["leaf", "leaf", "clay", "clay", "cloth", "iron", "iron", "iron", "oak", "oak", "brick", "brick"]
    prices = np.array([3, 4, 20, 5, 6, 9, 30, 12, 15, 25, 40, 8], np.float64)
    return Catalog(Ids(ids), {"title": strings(TEA + TRAINS), "brand": strings(brands), "price": prices})


def missing(person: str) -> str:
    """The one thing of their taste that a person has not bought: person `tea3` lacks `t3`."""
    return ("t" if person.startswith("tea") else "r") + person[-1]


PEOPLE = [f"{taste}{i}" for taste in ("tea", "train") for i in range(6)]


def purchases() -> list[Event]:
    """What everyone bought, one thing a day, in an order that differs by person."""
    bought = []
    for shift, person in enumerate(PEOPLE):
        taste = "t" if person.startswith("tea") else "r"
        wanted = [f"{taste}{i}" for i in range(6) if f"{taste}{i}" != missing(person)]
        for day in range(5):
            thing = wanted[(day + shift) % 5]
            bought.append(Event(person, thing, "purchase", START + day * DAY + shift * 1000, 1.0))
    return sorted(bought, key=lambda event: event.time)


def dataset(events: list[Event] | None = None, goods: Catalog | None = None) -> Dataset:
    """The shop's dataset, or that of other events or goods."""
    goods = goods if goods is not None else catalog()
    return Dataset(goods, log(purchases() if events is None else events, goods))


def log(events: list[Event], goods: Catalog) -> Events:
    """Events as arrays; the people in the order of their names."""
    people = Ids(sorted({event.user for event in events}))
    return Events(
        people,
        np.array([event.time for event in events], np.int64),
        people.numbers(event.user for event in events),
        goods.numbers(event.item for event in events),
        np.array([KINDS.index(event.kind) for event in events], np.int8),
        np.array([np.nan if event.value is None else event.value for event in events], np.float32),
        strings(event.slate for event in events),
    )
