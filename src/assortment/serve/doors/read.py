"""What a door makes of a document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from pydantic import BaseModel, ConfigDict

from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import Event
from assortment.serve.messages import FIRST_TIME

DAY = 86_400_000

LONGEST = 200
"""Letters of an id that is made up; of a longer one the end is a digest."""


class Loose(BaseModel):
    """What other systems send: of their many fields we name those that we read, and leave the rest be."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


@dataclass(frozen=True)
class Read:
    """events: what people did; passed_over: how often each kind of thing came that says nothing of a person and a product, such
    as a list that was merely seen, by the sender's own word for it."""

    events: tuple[Event, ...]
    passed_over: Mapping[str, int]


def read(told: Iterable[tuple[str, Iterable[Event] | None]]) -> Read:
    """From pairs of the sender's word for a thing and the events that it means, None where it means none of ours."""
    events: list[Event] = []
    passed_over: Counter[str] = Counter()
    for word, meant in told:
        if meant is None:
            passed_over[word] += 1
        else:
            events += meant
    return Read(tuple(events), dict(passed_over))


def once(*parts: object) -> str:
    """An id for what these parts tell apart from all else.

    >>> once("purchase", "T1", 0, "cup")
    'purchase:T1:0:cup'
    """
    told = ":".join(str(part) for part in parts)
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}:{blake2b(told.encode(), digest_size=16).hexdigest()}"


def milliseconds(moment: str, field: str) -> int:
    """A moment as RFC 3339 writes it, in milliseconds since 1970 UTC; one without a zone is UTC. Raises `BadInput`.

    >>> milliseconds("2026-11-25T12:00:00.5Z", "eventTime")
    1795608000500
    """
    try:
        at = datetime.fromisoformat(moment)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return round(at.timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"{field}: '{moment}' is not a moment; write it as in 2026-11-25T12:00:00Z") from error


def not_ahead(field: str, time: int, now: int) -> None:
    """Raise `BadSetting` for a moment more than a day after now, both in milliseconds since 1970 UTC."""
    if time > now + DAY:
        raise BadSetting(f"{field}: {time} is more than a day from now ({now})")


def not_before(field: str, time: int) -> None:
    """Raise `BadSetting` for a moment before 1990: its number is in another unit than it should be."""
    if time < FIRST_TIME:
        raise BadSetting(f"{field}: {time} milliseconds since 1970 is before 1990; see in which unit it is sent")
