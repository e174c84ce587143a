"""What comes in and goes out over HTTP, field by field. It knows no web framework."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import to_json

from assortment.core.errors import BadSetting, UnknownName, did_you_mean
from assortment.core.events import KINDS, kind_number
from assortment.core.request import Request, Wish
from assortment.core.terms import Terms
from assortment.serve.answers import Answer, Card
from assortment.serve.service import MOST
from assortment.serve.shelf import Item, Value
from assortment.serve.traces import Trace

CLAUSES = 8
"""The most columns that one part of a wish may name."""

FIRST_TIME = 631_152_000_000
"""1990-01-01 in milliseconds: an earlier time of an event is a time in seconds."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no text has."""


def _clean(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("holds a control character")
    return text


def _kind(name: str) -> str:
    try:
        kind_number(name)
    except UnknownName as error:
        raise ValueError(str(error)) from error
    return name


def _clause(text: str) -> str:
    column, colon, amount = text.rpartition(":")
    if not (column and colon and amount.replace(".", "", 1).isdecimal() and len(amount) < 10):
        raise ValueError(f"'{text}' is not COLUMN:NUMBER, as in brand:2")
    return text


Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=250), AfterValidator(_clean)]
Words: TypeAlias = Annotated[str, Field(max_length=1000), AfterValidator(_clean)]
Kind: TypeAlias = Annotated[str, AfterValidator(_kind), Field(json_schema_extra={"enum": list(KINDS)})]
Clause: TypeAlias = Annotated[str, AfterValidator(_clause)]
Clauses: TypeAlias = Annotated[list[Clause], Field(max_length=CLAUSES)]
Amounts: TypeAlias = Annotated[dict[str, float], Field(max_length=CLAUSES)]
Most: TypeAlias = Annotated[int, Field(ge=1, le=MOST)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


PAIR = "COLUMN:NUMBER, may be repeated"
DIVERSITY = "0 relevance only … 1 variety only; else as the shop has set it"
AT_MOST = "how many items may share a value of a column; below 1, a share of the slate"
AT_LEAST = "how many different values of a column the slate shall show; of numbers, such as prices, how many bands"
APART = "any so many places in a row hold at most one item with the same value of a column"
FLOOR = "the least relevance of an item: 0 the least … 1 the most relevant of the candidates"


class Strict(BaseModel):
    """What comes in: a field that does not exist is told, with the nearest one that does."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields:
                raise ValueError(str(did_you_mean("field", str(name), cls.model_fields)))
        return given


class WishIn(Strict):
    """How varied the slate shall be. What is left out is as the shop has set it."""

    diversity: Share | None = Field(None, description=DIVERSITY)
    at_most: Amounts = Field(default_factory=dict, description=AT_MOST)
    at_least: Amounts = Field(default_factory=dict, description=AT_LEAST)
    apart: Amounts = Field(default_factory=dict, description=APART)
    floor: Share | None = Field(None, description=FLOOR)

    def wish(self) -> Wish:
        """Raises `BadSetting` for an amount outside its range."""
        return _wish(self.diversity, self.at_most, self.at_least, self.apart, self.floor)


def _wish(
    diversity: float | None,
    at_most: Mapping[str, float],
    at_least: Mapping[str, float],
    apart: Mapping[str, float],
    floor: float | None,
) -> Wish:
    return Wish(diversity, at_most, _whole("at_least", at_least), _whole("apart", apart), floor)


def _whole(part: str, amounts: Mapping[str, float]) -> dict[str, int]:
    for column, amount in amounts.items():
        if not float(amount).is_integer():
            raise BadSetting(f"{part} {column}={amount:g}; it must be a whole number")
    return {column: int(amount) for column, amount in amounts.items()}


class RequestIn(Strict):
    """A question to the shop: for whom, about what, how varied."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"user": "17850", "k": 6, "wish": {"diversity": 0.5, "at_most": {"category": 2}, "at_least": {"category": 4}}}
            ]
        },
    )

    user: Id | None = Field(None, description="the shop's own id of the person; null for a stranger")
    k: Most = Field(10, description="how many items")
    about: list[Id] = Field(default_factory=list, max_length=100, description="the product page or the basket it stands beside")
    query: Words = Field("", description="words to search for")
    wish: WishIn = Field(default_factory=WishIn)
    context: dict[str, Words] = Field(default_factory=dict, description="what else the shop's own stages may know")
    time: int | None = Field(None, ge=FIRST_TIME, description="the moment, in milliseconds since 1970 UTC; null for now")


class Wanted(Strict):
    """The same question, as the query of an address."""

    k: Most = Field(10, description="how many items")
    diversity: Share | None = Field(None, description=DIVERSITY)
    at_most: Clauses = Field(default_factory=list, description=f"{PAIR}: {AT_MOST}", examples=["brand:2"])
    at_least: Clauses = Field(default_factory=list, description=f"{PAIR}: {AT_LEAST}", examples=["category:4"])
    apart: Clauses = Field(default_factory=list, description=f"{PAIR}: {APART}", examples=["brand:3"])
    floor: Share | None = Field(None, description=FLOOR)
    about: list[Id] = Field(
        default_factory=list, max_length=100, description="an item the slate stands beside; may be repeated"
    )
    query: Words = Field("", description="words to search for")

    def wish(self) -> Wish:
        """Raises `BadSetting` for an amount outside its range."""
        at_most, at_least, apart = map(_amounts, (self.at_most, self.at_least, self.apart))
        return _wish(self.diversity, at_most, at_least, apart, self.floor)


def _amounts(clauses: Sequence[str]) -> dict[str, float]:
    return {column: float(amount) for column, _, amount in (clause.rpartition(":") for clause in clauses)}


class Beside(Strict):
    """Who looks at a product page, and how many items shall stand beside it."""

    k: Most = Field(10, description="how many items")
    user: Id | None = Field(None, description="who looks")


class Searched(Strict):
    """A search."""

    q: Words = Field(min_length=1, description="words to search for", examples=["red mug"])
    k: Most = Field(20, description="how many items")
    user: Id | None = Field(None, description="who searches")


class Picked(Strict):
    """Which people to list."""

    contains: Words = Field("", description="letters of the id")
    most: Annotated[int, Field(ge=1, le=200)] = Field(20, description="how many ids")


class EventIn(Strict):
    """One thing that one person did."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"user": "17850", "item": "85123A", "kind": "purchase", "value": 2}]}
    )

    user: Id
    item: Id
    kind: Kind
    time: int | None = Field(None, description="milliseconds since 1970 UTC; now if absent")
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = Field(None, description="the quantity or the rating")
    slate: Id | None = Field(None, description="the id of the slate that it answers")
    id: Id | None = Field(None, description="your own for it: sent again, it is acknowledged and not counted twice")

    @model_validator(mode="after")
    def _milliseconds(self) -> Self:
        if self.time is not None and self.time < FIRST_TIME:
            raise ValueError(f"time {self.time} is before 1990; times are in milliseconds since 1970, not in seconds")
        return self


def _shape(given: Any) -> str:
    return "list" if isinstance(given, list) else "one"


EventsIn: TypeAlias = Annotated[
    Annotated[EventIn, Tag("one")] | Annotated[list[EventIn], Tag("list"), Field(min_length=1)], Discriminator(_shape)
]


class ArmIn(WishIn):
    """One way to answer: the contract that holds where a request is silent; nothing else is as the shop is."""

    name: str = Field(max_length=40)
    share: float = Field(1.0, gt=0, le=1e6, description="of the people, in parts of the sum of all arms' shares")


class ExperimentIn(Strict):
    """An experiment whose arms are contracts; the first is the control."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "more-variety", "people": 20000, "arm": [{"name": "as-is"}, {"name": "varied", "diversity": 0.6}]}
            ]
        },
    )

    name: str = Field(max_length=40)
    arm: list[ArmIn] = Field(min_length=2, max_length=20)
    primary: str = Field("conversion", max_length=40, description="the measure that decides")
    secondary: list[str] = Field(
        default_factory=list, max_length=20, description="those looked at; all others where none is named"
    )
    guardrails: dict[str, float] = Field(
        default_factory=dict, description="what may not get worse, by what part of the control's mean it may"
    )
    alpha: float = Field(0.05, gt=0, le=0.5)
    people: int = Field(10_000, ge=1, le=10**9, description="how many shall take part")
    layer: str = Field("slates", max_length=40)
    share: float = Field(1.0, gt=0, le=1, description="the part of the layer's people")
    only_where_different: bool = False
    interleaved: bool = Field(False, description="everybody gets one slate of both of two arms, and what they take decides")


class ItemOut(BaseModel):
    """A product."""

    item: str = Field(description="the shop's own id")
    title: str
    price: float | None = Field(description="null where unknown")
    category: str | None = Field(description="the shop's own or, where it gave none, the one read from the title")
    image: str | None


class ItemPage(ItemOut):
    """A product with everything known about it."""

    columns: dict[str, Value] = Field(description="all other columns of the catalogue")


class CardOut(ItemOut):
    """A product at its place in a slate."""

    place: int = Field(description="1 is the first")
    score: float | None
    source: str | None = Field(alias="from", description="the part that spoke loudest for it")
    why: str | None = Field(description="the reason, in words")
    relevance: float | None = Field(description="0 the least … 1 the most relevant of the candidates")
    before: int | None = Field(description="the place it would have had by relevance alone")
    propensity: float = Field(description="the probability of this item at this place; 1 where nothing is drawn")


class GaveWayOut(BaseModel):
    """A part of the wish that the shop's goods could not meet."""

    part: str = Field(examples=["at_least category"])
    wanted: float
    got: float = Field(description="what the slate has of it")
    why: str


class TermsOut(BaseModel):
    """What the slate was asked for, what it is, and what that cost."""

    diversity: float = Field(description="what held: 0 relevance only … 1 variety only")
    achieved: dict[str, float] = Field(
        description="by part of the wish, what the slate has; `redundancy` is the mean cosine of its pairs",
        examples=[{"items": 6, "redundancy": 0.04, "at_most category": 2, "at_least category": 4}],
    )
    cost: float = Field(description="the share of the expected relevance of the best slate that was given up: 0 none … 1 all")
    gave_way: list[GaveWayOut] = Field(description="what could not be met, in the order in which it gave way")


class SlateOut(BaseModel):
    """What is put before the person. It is recorded under its id, which events may name."""

    slate: str = Field(description="its id", examples=["0b8f3c1e6a0d4f7fb0a1a7c2f9d6e5a4"])
    user: str = Field(description="empty for a stranger")
    time: int = Field(description="milliseconds since 1970 UTC")
    arm: str = Field(description="the version that chose it")
    items: list[CardOut]
    terms: TermsOut | None = Field(description="null where nothing diversifies")
    instead: str | None = Field(description="why these are only popular goods; null where they are what was asked for")


class Taken(BaseModel):
    """The log has the events, safely."""

    ok: bool = True
    events: int = Field(description="how many it has now that it had not before")
    again: int = Field(0, description="how many it had already, by their ids")


class PersonOut(BaseModel):
    """Somebody in the log."""

    user: str
    events: int = Field(description="how many events of theirs the log holds")


class People(BaseModel):
    """People in the log, the most active first."""

    people: list[PersonOut]


class StepOut(ItemOut):
    """One row of what a stage made."""

    place: int
    was: int | None = Field(description="its place before the stage; null where the stage brought it")
    score: float | None
    notes: dict[str, Value] = Field(description="what stages noted; `z:<part>` is the part's score in deviations from the mean")


class GoneOut(ItemOut):
    """A product that a stage took away."""

    rule: str | None = Field(description="why, as in owned, refused or muted; null where the stage does not say")


class StageOut(BaseModel):
    """What one stage made of the request."""

    stage: str
    milliseconds: float
    count: int = Field(description="items after it")
    came: int
    went: int
    moved: int = Field(description="of those that stayed, how many stand elsewhere among them")
    items: list[StepOut] = Field(description="the first 200 after it")
    gone: list[GoneOut] = Field(description="the first 200 that left, in their old order")


class TraceOut(BaseModel):
    """A request, stage by stage. Nothing is recorded."""

    user: str
    time: int
    milliseconds: float
    stages: list[StageOut]


class Health(BaseModel):
    """The shop answers, and its log too."""

    ok: bool = True
    version: str
    items: int


class Failure(BaseModel):
    """What went wrong, and the way out. Every error has this form."""

    ok: bool = False
    error: str = Field(examples=["no item '85123X'; did you mean '85123A'?"])


def item_page(item: Item, facts: dict[str, Value]) -> ItemPage:
    return ItemPage(**vars(item), columns=facts)


def slate_out(answer: Answer) -> bytes:
    """An answer as it goes out, a `SlateOut` as JSON; none is made, for that takes as long again as to write it."""
    told = {
        "slate": answer.slate,
        "user": answer.user,
        "time": answer.time,
        "arm": answer.arm,
        "items": [_card(card) for card in answer.cards],
        "terms": _terms(answer.terms) if answer.terms else None,
        "instead": answer.instead,
    }
    return to_json(told, inf_nan_mode="null")


def _card(card: Card) -> dict[str, Any]:
    return {
        **vars(card.item),
        "place": card.place,
        "score": card.score,
        "from": card.source,
        "why": card.why,
        "relevance": card.relevance,
        "before": card.before,
        "propensity": card.propensity,
    }


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "diversity": float(terms.diversity),
        "achieved": {part: float(got) for part, got in terms.achieved.items()},
        "cost": float(terms.cost),
        "gave_way": [
            {"part": one.part, "wanted": float(one.wanted), "got": float(one.got), "why": one.why} for one in terms.gave_way
        ],
    }


def trace_out(request: Request, stages: Sequence[Trace]) -> TraceOut:
    return TraceOut(
        user=request.user,
        time=request.time,
        milliseconds=sum(stage.milliseconds for stage in stages),
        stages=[_stage(stage) for stage in stages],
    )


def _stage(trace: Trace) -> StageOut:
    steps = [
        StepOut(**vars(step.item), place=step.place, was=step.was, score=step.score, notes=dict(step.notes))
        for step in trace.items
    ]
    return StageOut(
        stage=trace.stage,
        milliseconds=trace.milliseconds,
        count=trace.count,
        came=trace.came,
        went=trace.went,
        moved=trace.moved,
        items=steps,
        gone=[GoneOut(**vars(item), rule=rule) for item, rule in zip(trace.gone, trace.rules, strict=True)],
    )
