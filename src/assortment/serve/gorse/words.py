"""The words of Gorse, read into ours and back. It knows no web framework."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from assortment.core.errors import BadInput, did_you_mean
from assortment.core.events import KINDS, Event
from assortment.ingest.names import kind_of, squash
from assortment.serve.doors.goods import Cell
from assortment.serve.doors.read import Loose, milliseconds, once
from assortment.serve.messages import Id

Labels: TypeAlias = list[Any] | dict[str, Any] | None
Text: TypeAlias = Annotated[str, Field(max_length=10_000)]
Moment: TypeAlias = Annotated[str, Field(max_length=40)]
Category: TypeAlias = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^|]*$")]


class ItemPatch(Loose):
    """What is said anew of an item; what is null stays as it was."""

    hidden: bool | None = Field(None, alias="IsHidden")
    labels: Labels = Field(None, alias="Labels")
    categories: Annotated[list[Category], Field(max_length=100)] | None = Field(None, alias="Categories")
    timestamp: Moment | None = Field(None, alias="Timestamp")
    comment: Text | None = Field(None, alias="Comment")

    def cells(self) -> dict[str, Cell]:
        """The cells of our columns that it speaks of: its comment is our title, and what is hidden is out of stock."""
        told: dict[str, Cell] = {}
        if self.comment is not None:
            told["title"] = self.comment or None
        if self.categories is not None:
            told["category"] = "|".join(self.categories) or None
        if self.labels is not None:
            told["labels"] = json.dumps(self.labels, ensure_ascii=False)
        if self.timestamp:
            milliseconds(self.timestamp, "Timestamp")
            told["timestamp"] = self.timestamp
        if self.hidden is not None:
            told["stock"] = 0.0 if self.hidden else None
        return told


class ItemIn(ItemPatch):
    """An item."""

    item: Id = Field(alias="ItemId")


class UserIn(Loose):
    """A person, and what the shop says of them."""

    user: Id = Field(alias="UserId")
    labels: Labels = Field(None, alias="Labels")
    comment: Text = Field("", alias="Comment")

    def known(self) -> dict[str, Any]:
        return {"Labels": self.labels, "Comment": self.comment}


class UserPatch(Loose):
    """What is said anew of a person; what is null stays as it was."""

    labels: Labels = Field(None, alias="Labels")
    comment: Text | None = Field(None, alias="Comment")

    def known(self) -> dict[str, Any]:
        said = {"Labels": self.labels, "Comment": self.comment}
        return {name: value for name, value in said.items() if value is not None}


class FeedbackIn(Loose):
    """What one person did with one item."""

    kind: Annotated[str, Field(min_length=1, max_length=100)] = Field(alias="FeedbackType")
    user: Id = Field(alias="UserId")
    item: Id = Field(alias="ItemId")
    timestamp: Moment = Field("", alias="Timestamp")
    value: Annotated[float, Field(ge=-1e9, le=1e9)] = Field(0, alias="Value")

    def event(self, place: int, now: int) -> Event:
        """Ours; of a kind, a person and an item there is one feedback, as with Gorse."""
        time = milliseconds(self.timestamp, f"{place}.Timestamp") if self.timestamp else now
        kind = ours(self.kind)
        return Event(self.user, self.item, kind, time, self.value or None, None, once("gorse", kind, self.user, self.item))


def ours(kind: str) -> str:
    """Our kind for a type of feedback, whose names shops choose; raises `UnknownName` where none is near."""
    if kind in KINDS:
        return kind
    found = kind_of()
    if squash(kind) not in found:
        raise did_you_mean("kind of feedback", kind, [*KINDS, *found])
    return found[squash(kind)]


def feedback_out(event: Event) -> dict[str, Any]:
    return {
        "FeedbackType": event.kind,
        "UserId": event.user,
        "ItemId": event.item,
        "Timestamp": moment(event.time),
        "Value": event.value or 0.0,
        "Comment": "",
    }


def item_out(item: str, known: Mapping[str, Cell]) -> dict[str, Any]:
    """An item as Gorse tells it, from what the shop says of it."""
    labels, category = known.get("labels"), known.get("category")
    return {
        "ItemId": item,
        "IsHidden": known.get("stock") is not None and float(known["stock"] or 0) <= 0,
        "Categories": str(category).split("|") if category else [],
        "Timestamp": known.get("timestamp") or "0001-01-01T00:00:00Z",
        "Labels": _labels(labels),
        "Comment": known.get("title") or "",
    }


def _labels(text: Cell) -> Labels:
    """Labels that came through this door, or the text of a column that the shop calls so."""
    if not isinstance(text, str):
        return None
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return [text]
    return found if isinstance(found, list | dict) else [text]


def user_out(user: str, known: Mapping[str, Any]) -> dict[str, Any]:
    return {"UserId": user, "Labels": known.get("Labels"), "Comment": known.get("Comment", ""), "Subscribe": None}


def moment(time: int) -> str:
    """Milliseconds since 1970 as RFC 3339.

    >>> moment(1_700_000_000_000)
    '2023-11-14T22:13:20Z'
    """
    return datetime.fromtimestamp(time // 1000, UTC).isoformat().replace("+00:00", "Z")


def delay(text: str) -> int:
    """A length of time as Go writes it, in milliseconds; raises `BadInput`.

    >>> delay("10m"), delay("1h30m"), delay("")
    (600000, 5400000, 0)
    """
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    total, number, rest = 0.0, "", text
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        rest = rest[len(number) :]
        unit = next((name for name in units if rest.startswith(name)), "")
        if not unit or number.count(".") > 1 or not number.strip("."):
            raise BadInput(f"write-back-delay: '{text}' is no length of time; write it as in 10m or 1h30m")
        total += float(number) * units[unit]
        rest = rest[len(unit) :]
    return round(total)
