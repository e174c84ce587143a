"""What an experiment is: its arms, what decides it and what must not get worse, all said before it begins."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from assortment.core.errors import BadSetting, did_you_mean, within
from assortment.core.request import Wish

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
BUCKETS = 10_000
"""Into so many parts the people of a layer are cut."""


@dataclass(frozen=True)
class Arm:
    """One way to answer. share: of the people of the experiment, in parts of the sum of all arms' shares, above 0.

    wish: the contract that holds where a request is silent, in the place of the shop's. settings: a settings file, whose
    plan is fitted as the experiment begins; release: a fit of the shop that is kept. With neither, what serves the shop.

    >>> Arm("varied", wish=Wish(diversity=0.6)).told
    {'name': 'varied', 'diversity': 0.6}
    """

    name: str
    share: float = 1.0
    wish: Wish = Wish()
    settings: str = ""
    release: str = ""

    def __post_init__(self) -> None:
        _named("an arm", self.name)
        if not 0 < self.share < math.inf:
            raise BadSetting(f"the share of arm '{self.name}' is {self.share}; it is above 0")
        if self.settings and self.release:
            raise BadSetting(f"arm '{self.name}' names settings and a release; it can be only one of them")

    @property
    def told(self) -> dict[str, Any]:
        """The arm as a document, without what is as usual."""
        wished = {name: value for name, value in asdict(self.wish).items() if value not in (None, {})}
        own = {name: getattr(self, name) for name in ("share", "settings", "release")}
        usual = {"share": 1.0, "settings": "", "release": ""}
        return {"name": self.name, **{n: v for n, v in own.items() if v != usual[n]}, **wished}


@dataclass(frozen=True)
class Experiment:
    """arms: the first is the control. primary: the measure that decides; secondary: those that are looked at, all others where
    none is named; guardrails: what must not get worse, by how much of the control's mean it may: 0 nothing … 1 all of it.

    alpha: the chance of a wrong claim, above 0 … below 1. people: how many shall take part in all, 1 or more: where the
    sequence is narrowest. layer: experiments of one layer never share a person, those of different layers are independent.
    share: the part of the layer's people who take part, above 0 … 1. only_where_different: people count as exposed only to
    slates on which the arms differ, for which each arm answers each request; otherwise to all slates that the arms could
    change. interleaved: everybody gets one slate of both of two arms, who pick in turn, and what people take of it decides: it
    takes far fewer people, and tells of nothing but whose goods they prefer.

    began and ended: milliseconds since 1970 UTC, 0 before the start and None until the end; first: its first bucket of the
    layer.
    """

    name: str
    arms: tuple[Arm, ...]
    primary: str = "conversion"
    secondary: tuple[str, ...] = ()
    guardrails: Mapping[str, float] = field(default_factory=dict)
    alpha: float = 0.05
    people: int = 10_000
    layer: str = "slates"
    share: float = 1.0
    only_where_different: bool = False
    interleaved: bool = False
    began: int = 0
    ended: int | None = None
    first: int = 0

    def __post_init__(self) -> None:
        _named("an experiment", self.name)
        _named("a layer", self.layer)
        if len(self.arms) < 2:
            raise BadSetting(
                f"experiment '{self.name}' has {len(self.arms)} arms; it compares two or more, the first the control"
            )
        if len({arm.name for arm in self.arms}) < len(self.arms):
            raise BadSetting(f"experiment '{self.name}' has two arms of one name; give each its own")
        if len({(repr(arm.wish), arm.settings, arm.release) for arm in self.arms}) == 1 and not self.is_aa:
            raise BadSetting(f"the arms of '{self.name}' are all the same; for an A/A test name the others aa-1, aa-2, …")
        if self.interleaved and (len(self.arms) != 2 or self.guardrails or self.secondary):
            raise BadSetting(f"'{self.name}' is interleaved: that takes two arms, and tells of no measure but preference")
        within("alpha", self.alpha, 1e-9, 0.5)
        within("people", self.people, 1, math.inf)
        within("share", self.share, 1 / BUCKETS, 1)
        for measure, margin in self.guardrails.items():
            within(f"the margin of {measure}", margin, 0, 1)

    @property
    def is_aa(self) -> bool:
        """Whether it says by the names of its arms that they are the same, to try the machinery."""
        return all(arm.name.startswith("aa-") for arm in self.arms[1:])

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def width(self) -> int:
        """How many buckets of the layer it takes."""
        return max(1, round(self.share * BUCKETS))

    @property
    def runs(self) -> bool:
        return self.ended is None

    @property
    def shares(self) -> dict[str, float]:
        return {arm.name: arm.share for arm in self.arms}

    def arm(self, name: str) -> Arm:
        found = next((arm for arm in self.arms if arm.name == name), None)
        if found is None:
            raise did_you_mean("arm", name, self.shares)
        return found

    @property
    def told(self) -> dict[str, Any]:
        """The experiment as a document; `parse` gives it back equal."""
        plain = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("arms", "secondary", "guardrails")
        }
        lists = {"secondary": list(self.secondary), "guardrails": dict(self.guardrails)}
        return {**plain, **lists, "arm": [arm.told for arm in self.arms]}


_WISHES = tuple(one.name for one in fields(Wish))
_ARM = ("name", "share", "settings", "release", *_WISHES)
_EXPERIMENT = ("arm", *(one.name for one in fields(Experiment) if one.name != "arms"))


def parse(document: Mapping[str, Any], measures: Iterable[str] = ()) -> Experiment:
    """An experiment from a document, such as a TOML file that was read.

    measures: the names that it may use, any where none are given. Raises `BadSetting` or `UnknownName` with the way out.

    >>> parse({"name": "more", "arm": [{"name": "as-is"}, {"name": "varied", "diversity": 0.6}]}).arms[1].wish.diversity
    0.6
    """
    _known(document, _EXPERIMENT, "an experiment")
    tables = document.get("arm", [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise BadSetting("arms are tables [[arm]], each with a name")
    given = {name: value for name, value in document.items() if name != "arm"}
    try:
        arms = tuple(_arm(table) for table in tables)
        experiment = replace(Experiment(str(given.pop("name", "")), arms), **{n: _typed(n, v) for n, v in given.items()})
    except TypeError as error:
        raise BadSetting(f"the experiment holds a value of the wrong kind: {error}") from error
    names = tuple(measures)
    for measure in (experiment.primary, *experiment.secondary, *experiment.guardrails):
        if names and measure not in names:
            raise did_you_mean("measure", measure, names)
    return experiment


def _arm(table: Mapping[str, Any]) -> Arm:
    _known(table, _ARM, "an arm")
    wish = Wish(**{name: value for name, value in table.items() if name in _WISHES})
    return Arm(wish=wish, **{name: value for name, value in table.items() if name not in _WISHES})


def _typed(name: str, value: Any) -> Any:
    yes_or_no = dict.fromkeys(("only_where_different", "interleaved"), bool)
    whole = dict.fromkeys(("people", "began", "first"), int)
    wanted = {"secondary": list, "guardrails": Mapping, **yes_or_no, **whole}
    kinds = wanted.get(name, object)
    if not isinstance(value, kinds) or (kinds is int and isinstance(value, bool)):
        raise BadSetting(f"{name} is {value!r}; it should be {_SPOKEN[kinds]}")
    return tuple(value) if isinstance(value, list) else value


_SPOKEN: Mapping[Any, str] = {list: "a list", Mapping: "a table", bool: "true or false", int: "a whole number"}


def _known(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name in given:
        if name not in known:
            raise BadSetting(f"{where}: {did_you_mean('setting', name, known)}")


def _named(what: str, name: object) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BadSetting(f"{what} is called {name!r}; a name is 1 to 40 of a-z, 0-9 and -, and begins with a letter or digit")
