"""A question to the pipeline. All that a stage may know is in here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from assortment.core.errors import BadSetting, within
from assortment.core.profile import NOBODY, Profile
from assortment.core.seen import Glance

T = TypeVar("T")

MOST = 1_000_000
"""The largest amount that a wish may name."""


@dataclass(frozen=True)
class Wish:
    """The diversity contract. What it leaves out is as the shop has set it.

    diversity: 0 relevance only … 1 variety only. at_most: how many items may share a value of a column: 1 or more, a number of
    items, or between 0 and 1, a share of the slate, rounded down. at_least: how many different values of a column the slate
    shall show, 1 or more; a column of numbers, such as the price, is cut into that many bands of equally many candidates.
    apart: any so many places in a row, 2 or more, hold at most one item with the same value of a column. floor: the least
    relevance of an item, from 0, the least, to 1, the most relevant of the candidates.

    An item without a value in a column is bound by nothing there, and adds nothing to it.

    >>> shop = Wish(0.3, at_most={"brand": 2}, apart={"brand": 3})
    >>> Wish(at_most={"brand": 1, "popular": 0.3}, at_least={"category": 4}).over(shop)
    Wish(diversity=0.3, at_most={'brand': 1, 'popular': 0.3}, at_least={'category': 4}, apart={'brand': 3}, floor=None)
    """

    diversity: float | None = None
    at_most: Mapping[str, float] = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)
    apart: Mapping[str, int] = field(default_factory=dict)
    floor: float | None = None

    def __post_init__(self) -> None:
        if self.diversity is not None:
            within("diversity", self.diversity, 0, 1)
        if self.floor is not None:
            within("floor", self.floor, 0, 1)
        for column, most in self.at_most.items():
            if not (0 < most < 1 or (1 <= most <= MOST and most == int(most))):
                raise BadSetting(f"at_most {column}={most:g}; it must be 1 or more, and whole, or a share between 0 and 1")
        for column, least in self.at_least.items():
            _whole(f"at_least {column}", least, 1)
        for column, places in self.apart.items():
            _whole(f"apart {column}", places, 2)

    @property
    def silent(self) -> bool:
        """Whether it leaves everything to the shop."""
        return self.diversity is None and self.floor is None and not (self.at_most or self.at_least or self.apart)

    def over(self, shop: "Wish") -> "Wish":
        """This wish, and where it is silent, the shop's; a column that it names takes the place of the shop's."""
        if self.silent:
            return shop
        return Wish(
            diversity=shop.diversity if self.diversity is None else self.diversity,
            at_most={**shop.at_most, **self.at_most},
            at_least={**shop.at_least, **self.at_least},
            apart={**shop.apart, **self.apart},
            floor=shop.floor if self.floor is None else self.floor,
        )


def _whole(name: str, amount: float, least: int) -> None:
    within(name, amount, least, MOST)
    if amount != int(amount):
        raise BadSetting(f"{name}={amount:g}; it must be a whole number")


@dataclass(frozen=True)
class Request:
    """k goods for a person at a moment.

    user: the shop's own id; time: milliseconds since 1970 UTC; about: item numbers of the product page or the basket that the
    slate stands beside; words: a query. Where `about` or `words` is given, it is the question, and the profile only the asker.
    seen: the last slates that the person was shown, the oldest first, where a stage of the pipeline minds them.
    """

    user: str = ""
    time: int = 0
    profile: Profile = NOBODY
    k: int = 10
    about: tuple[int, ...] = ()
    words: str = ""
    wish: Wish = Wish()
    context: Mapping[str, str] = field(default_factory=dict)
    seen: tuple[Glance, ...] = ()

    def __post_init__(self) -> None:
        if self.k < 1:
            raise BadSetting(f"k is {self.k}; a slate has 1 item or more")

    @property
    def asked(self) -> bool:
        """True where the request names what it is about, in words or by goods."""
        return bool(self.about or self.words)


class Lot(tuple[Request, ...]):
    """Requests that several parts are asked together: what all of them work out of it is worked out once."""

    @cached_property
    def known(self) -> dict[Callable[..., Any], Any]:
        return {}


def once(requests: Sequence[Request], of: Callable[[Sequence[Request]], T]) -> T:
    """What a function makes of requests; kept where they are a lot."""
    if not isinstance(requests, Lot):
        return of(requests)
    if of not in requests.known:
        requests.known[of] = of(requests)
    return requests.known[of]
