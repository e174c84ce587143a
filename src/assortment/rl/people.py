"""The constants of simulated people: where the shop's log says what they are, and from which range they are drawn else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.errors import BadSetting
from assortment.rl.memory import Floats


@dataclass(frozen=True)
class Range:
    """Drawn evenly between two ends, 0 for a share `none` of the people; fitted: whether the log said where the ends are."""

    low: float
    high: float
    none: float = 0.0
    fitted: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise BadSetting(f"a range goes from {self.low} to {self.high}; its ends are the other way round")

    def draw(self, people: int, rng: np.random.Generator) -> Floats:
        values = rng.uniform(self.low, self.high, people)
        return np.where(rng.random(people) < self.none, 0, values).astype(np.float32)


PRIOR: Mapping[str, Range] = {
    "liking": Range(-1.5, 0.5),
    "doubt": Range(0.0, 1.0),
    "tires": Range(0.3, 3.0, none=0.25),
    "recovers": Range(0.5, 0.95),
    "repeats": Range(0.0, 0.9, none=0.3),
    "looks": Range(0.75, 0.97),
    "drifts": Range(0.0, 0.15, none=0.3),
    "stays": Range(1.5, 4.0),
    "patience": Range(3.0, 12.0),
    "bait": Range(0.0, 0.0),
}
"""What each constant is, and from where it is drawn when no log says better: the log odds of taking the best candidate when
it is looked at; how far, in log odds, what the ranker believes of an item is from what the person does; log odds lost by
every good of the kind taken lately; the share of that which is left after a visit; log odds lost by each good of its kind
that stands above; the share of the people who look at a place who look at the next; log odds that a kind gains by each good
taken, for good; log odds of staying after a visit without anything; visits without anything that are put up with; and how
much more a kind promises than it holds."""

FAMILIES = ("tiring", "bored", "choosing")
"""Three structures, so that what is learnt is not of one: see `shoppers`."""


@dataclass(frozen=True)
class Population:
    """Of which kind simulated people are. family: one of `FAMILIES`; ranges: where other than `PRIOR`; habit: log odds that
    each (log1p) good of a kind taken before adds, for the family that takes to what it took, as fitted."""

    family: str = "tiring"
    ranges: Mapping[str, Range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise BadSetting(f"no family '{self.family}'; there are: {', '.join(FAMILIES)}")
        unknown = set(self.ranges) - set(PRIOR)
        if unknown:
            raise BadSetting(f"no constant {sorted(unknown)}; there are: {', '.join(PRIOR)}")

    def with_ranges(self, **ranges: Range) -> "Population":
        """With other ranges of some of the constants."""
        return replace(self, ranges={**self.ranges, **ranges})

    @property
    def placebo(self) -> "Population":
        """People who never tire of anything and do not mind more of the same."""
        nothing = Range(0, 0)
        return self.with_ranges(tires=nothing, repeats=nothing)

    def draw(self, people: int, rng: np.random.Generator) -> "Constants":
        """The constants of some people [p]."""
        drawn = {name: self.ranges.get(name, usual).draw(people, rng) for name, usual in PRIOR.items()}
        cascade = rng.random(people) < 0.5
        return Constants(**drawn, cascade=cascade)


@dataclass(frozen=True, eq=False)
class Constants:
    """`PRIOR`, one value each for p people, and cascade [p]: who stops looking at the first good taken."""

    liking: Floats
    doubt: Floats
    tires: Floats
    recovers: Floats
    repeats: Floats
    looks: Floats
    drifts: Floats
    stays: Floats
    patience: Floats
    bait: Floats
    cascade: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> "Constants":
        """Of some of the people."""
        return Constants(**{name: values[rows] for name, values in vars(self).items()})
