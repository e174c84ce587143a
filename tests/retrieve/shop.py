"""Small logs for the retrievers: people, what they bought, and when."""

import numpy as np

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Event
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from tests import world


def bought(n: int, **people: list[int | tuple[int, ...]]) -> Dataset:
    """n goods; each person's visits, one a day, each of one item or several at once."""
    goods = Catalog(Ids([f"i{number}" for number in range(n)]))
    events = [
        Event(person, f"i{item}", "purchase", world.START + day * world.DAY)
        for person, visits in people.items()
        for day, visit in enumerate(visits)
        for item in (visit if isinstance(visit, tuple) else (visit,))
    ]
    return world.dataset(sorted(events, key=lambda event: event.time), goods)


def said(stage: Stage, request: Request, n: int) -> np.ndarray:
    """The score of every item, by its number."""
    (slate,) = stage([request], [Slate(np.arange(n, dtype=np.int32), np.zeros(n, np.float32))])
    scores = np.empty(n, np.float32)
    scores[slate.items] = slate.scores
    return scores


def found(stage: Stage, request: Request) -> list[int]:
    """What it finds by itself, best first."""
    return stage([request], [Slate()])[0].items.tolist()


RNG = np.random.default_rng(0)
