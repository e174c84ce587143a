"""A person as a page knows them: what they did, what we make of it, and what they muted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assortment.core.events import KINDS
from assortment.core.profile import Profile
from assortment.portrait.draw import Portrait
from assortment.serve.shelf import Item, Shelf

ROWS = 200
"""How many goods of a person are listed."""


@dataclass(frozen=True)
class Deed:
    """One of the last things a person did with a product."""

    item: Item
    kind: str
    time: int


@dataclass(frozen=True)
class Muted:
    """A kind that a person has muted, since when, and how many of the shop's goods that are."""

    column: str
    value: str
    time: int
    goods: int


@dataclass(frozen=True)
class Person:
    """What we hold of a person: the last deed first; tastes: the share of each category among the goods they remember; goods:
    by id, those that stand for an interest of the portrait."""

    user: str
    known: bool
    recent: tuple[Deed, ...]
    owned: tuple[Item, ...]
    refused: tuple[Item, ...]
    tastes: Mapping[str, float]
    last: int | None
    portrait: Portrait
    goods: Mapping[str, Item]
    muted: tuple[Muted, ...] = ()

    def mutes(self, column: str | None, label: str) -> bool:
        """Whether they have muted a kind."""
        return any((one.column, one.value) == (column, label) for one in self.muted)


def person_of(user: str, profile: Profile, portrait: Portrait, muted: Sequence[Muted], shelf: Shelf) -> Person:
    """A person as the shelf shows their goods."""
    items = shelf.items(profile.recent[::-1][:ROWS])
    deeds = zip(items, profile.kinds[::-1].tolist(), profile.times[::-1].tolist(), strict=False)
    categories = Counter(item.category for item in shelf.items(profile.recent) if item.category)
    total = categories.total()
    some = (item for interest in portrait.interests for item in interest.some)
    return Person(
        user=user,
        known=profile.last > 0,
        recent=tuple(Deed(item, KINDS[kind], time) for item, kind, time in deeds),
        owned=shelf.items(profile.owned[:ROWS]),
        refused=shelf.items(profile.refused[:ROWS]),
        tastes={category: count / total for category, count in categories.most_common(8)},
        last=profile.last or None,
        portrait=portrait,
        goods={item: shelf.item(shelf.number(item)) for item in dict.fromkeys(some)},
        muted=tuple(muted),
    )
