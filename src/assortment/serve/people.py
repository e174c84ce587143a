"""A person over HTTP: their portrait, and what they mute. It knows no web framework."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from assortment.portrait.draw import Interest, Part
from assortment.serve.messages import ItemOut, Strict, Words
from assortment.serve.person import Muted, Person


class MuteIn(Strict):
    """A kind of goods that a person does not want to be shown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"column": "category", "value": "Candles", "muted": True}]}
    )

    column: Words = Field(min_length=1, description="cluster, category, brand or another column whose labels goods share")
    value: Words = Field(min_length=1, description="the label")
    muted: bool = Field(True, description="false to take it back")


class DeedOut(ItemOut):
    """One of the last things a person did with a product."""

    kind: str
    time: int


class MutedOut(BaseModel):
    """A kind of goods that a person has muted."""

    column: str
    value: str
    time: int = Field(description="since when, in milliseconds since 1970 UTC")
    goods: int = Field(description="how many of the shop's goods that are")


class Mutes(BaseModel):
    """What a person has muted; the log has it, and the next slate obeys."""

    ok: bool = True
    user: str
    muted: list[MutedOut]


class PartOut(BaseModel):
    """A kind of goods in what a person took."""

    column: str = Field(description="with the label, what a mute names")
    label: str
    share: float = Field(description="of all they took, the latest visits counting most; above 0 … 1")
    muted: bool


class InterestOut(PartOut):
    """A kind of goods that a person likes."""

    early: float = Field(description="its share in the earlier half of their visits")
    late: float = Field(description="its share in the later half")
    words: list[str] = Field(description="what tells the goods they took of it from the shop's others")
    goods: int = Field(description="how many different goods of it they took")
    last: int = Field(description="when they took the last, in milliseconds since 1970 UTC")
    some: list[ItemOut] = Field(description="a few of them, the latest first")


class PricesOut(BaseModel):
    """What they pay."""

    low: float = Field(description="a quarter of what they took is cheaper")
    middle: float = Field(description="half of what they took is cheaper")
    high: float = Field(description="three quarters of what they took are cheaper")
    level: float = Field(description="among goods of the same kind: 0 with the cheapest … 1 with the dearest")


class RhythmOut(BaseModel):
    """When they come. Deeds less than half an hour apart are one visit."""

    visits: int
    first: int
    last: int
    between: int | None = Field(description="the middle one of the times between visits, in milliseconds")


class DriftOut(BaseModel):
    """How the later half of their visits differs from the earlier."""

    amount: float = Field(description="0 the same mix of interests … 1 nothing in common")
    usual: float = Field(description="what it would be had the same visits come in another order")
    chance: float = Field(description="the probability of so much by chance alone")
    real: bool = Field(description="whether that is at most 0.05")
    towards: str | None = Field(description="the interest that gained most")
    away: str | None = Field(description="the interest that lost most")


class PortraitOut(BaseModel):
    """What the shop holds of a person, and what it makes of that."""

    user: str
    known: bool
    recent: list[DeedOut] = Field(description="the last deed first")
    owned: list[ItemOut]
    refused: list[ItemOut] = Field(description="hidden or returned")
    tastes: dict[str, float] = Field(description="share of each category among the goods remembered")
    last: int | None = Field(description="milliseconds since 1970 UTC of the last deed")
    takes: int = Field(description="deeds that are no refusal")
    interests: list[InterestOut] = Field(description="the strongest first")
    categories: list[PartOut] = Field(description="the strongest first")
    brands: list[PartOut] = Field(description="the strongest first")
    prices: PricesOut | None
    rhythm: RhythmOut | None
    variety: float = Field(description="how much they want: 0 always the same … 1 as much as there is")
    usual: float = Field(description="how much people of this shop want")
    drift: DriftOut | None = Field(description="null where they came once")
    query: str = Field(description="all this in words that a search answers with what they like")
    muted: list[MutedOut] = Field(description="what they have muted, the oldest first")


def portrait_out(person: Person) -> PortraitOut:
    portrait = person.portrait
    return PortraitOut(
        user=person.user,
        known=person.known,
        recent=[DeedOut(**vars(deed.item), kind=deed.kind, time=deed.time) for deed in person.recent],
        owned=[ItemOut(**vars(item)) for item in person.owned],
        refused=[ItemOut(**vars(item)) for item in person.refused],
        tastes=dict(person.tastes),
        last=person.last,
        takes=portrait.takes,
        interests=[_interest(person, portrait.column or "", one) for one in portrait.interests],
        categories=[_part(person, "category", one) for one in portrait.categories],
        brands=[_part(person, "brand", one) for one in portrait.brands],
        prices=portrait.prices and PricesOut(**vars(portrait.prices)),
        rhythm=portrait.rhythm and RhythmOut(**vars(portrait.rhythm)),
        variety=portrait.variety,
        usual=portrait.usual,
        drift=portrait.drift and DriftOut(**vars(portrait.drift), real=portrait.drift.real),
        query=portrait.query,
        muted=[_muted(one) for one in person.muted],
    )


def _interest(person: Person, column: str, one: Interest) -> InterestOut:
    return InterestOut(
        column=column,
        label=one.label,
        share=one.share,
        muted=person.mutes(column, one.label),
        early=one.early,
        late=one.late,
        words=list(one.words),
        goods=one.goods,
        last=one.last,
        some=[ItemOut(**vars(person.goods[item])) for item in one.some],
    )


def _part(person: Person, column: str, one: Part) -> PartOut:
    return PartOut(column=column, label=one.label, share=one.share, muted=person.mutes(column, one.label))


def mutes_out(user: str, muted: Sequence[Muted]) -> Mutes:
    return Mutes(user=user, muted=[_muted(one) for one in muted])


def _muted(one: Muted) -> MutedOut:
    return MutedOut(column=one.column, value=one.value, time=one.time, goods=one.goods)
