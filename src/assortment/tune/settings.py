"""What is tuned of a shop's `diversify`, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from assortment.diversify.methods import Methods
from assortment.diversify.stage import Diversify
from assortment.parts import PARTS

METHODS: Mapping[str, type[Methods]] = {name: part for name, part in PARTS.items() if part in get_args(Methods)}
"""Every method, by its name in the settings."""


@dataclass(frozen=True)
class Range:
    """From low to high, evenly in steps or, where step is 0, evenly in the logarithm and with two digits; true and false are 1
    and 0."""

    low: float
    high: float
    step: float


DIVERSITY = Range(0, 1, 0.005)
TASTE = Range(0, 1, 0.05)

OPTIONS: Mapping[tuple[str, str], Range] = {
    ("msd", "angular"): Range(0, 1, 1),
    ("msd", "swaps"): Range(0, 1, 1),
    ("hybrid", "personal"): Range(0, 1, 0.05),
    ("dpp", "jitter"): Range(1e-5, 1, 0),
}
"""The settings of the methods that are tuned; all others stay as the shop has set them."""


@dataclass(frozen=True)
class Setting:
    """method: its name in the settings; diversity: 0 relevance only … 1 variety only; personal: how far a person's own taste
    moves it, 0 … 1; pool: how many candidates, 1 … all; options: what is tuned of the method itself."""

    method: str
    diversity: float
    personal: float
    pool: int
    options: Mapping[str, float]

    @staticmethod
    def of(recipe: Diversify) -> "Setting":
        """As the shop has set it."""
        method = next(name for name, part in METHODS.items() if part is type(recipe.select))
        options = {name: float(getattr(recipe.select, name)) for name in tuned_of(method)}
        return Setting(method, recipe.diversity, recipe.personal, recipe.pool, options)

    def put_into(self, recipe: Diversify) -> Diversify:
        """The shop's `diversify` with this setting; its contract stays, and so does what is not tuned of its method."""
        method: Any = METHODS[self.method]
        select = recipe.select if isinstance(recipe.select, method) else method()
        options = {name: type(getattr(select, name))(value) for name, value in self.options.items()}
        varied = replace(select, **options)
        return replace(recipe, select=varied, diversity=self.diversity, personal=self.personal, pool=self.pool)

    def __str__(self) -> str:
        """In words, without what changes nothing.

        >>> str(Setting("hybrid", 0.35, 0.0, 120, {"personal": 0.25}))
        'hybrid (personal 0.25), diversity 0.35, pool 120'
        """
        if not self.diversity:
            return "relevance only"
        options = ", ".join(f"{name} {value:g}" for name, value in self.options.items())
        named = f"{self.method} ({options})" if options else self.method
        taste = f", personal {self.personal:g}" if self.personal else ""
        return f"{named}, diversity {self.diversity:g}{taste}, pool {self.pool}"


def tuned_of(method: str) -> dict[str, Range]:
    """What is tuned of a method itself."""
    return {name: choice for (of, name), choice in OPTIONS.items() if of == method}


def usual(method: str) -> dict[str, float]:
    """The same as it is where nobody tunes it."""
    return {name: float(getattr(METHODS[method](), name)) for name in tuned_of(method)}


@dataclass(frozen=True)
class Space:
    """How far the search goes: pool from low to high, in numbers of candidates, and whether people's own taste is known."""

    low: int
    high: int
    tastes: bool

    @staticmethod
    def of(k: int, tastes: bool) -> "Space":
        """For slates of k: 20 … 300 candidates, and where slates are long, 2 k … 10 k."""
        return Space(max(20, 2 * k), max(300, 10 * k), tastes)

    @property
    def usual(self) -> int:
        """The pool of who does not tune it."""
        return min(max(Diversify().pool, self.low), self.high)
