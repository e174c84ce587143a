"""What a door makes of a document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from assortment.core.errors import BadInput
from assortment.core.events import Event


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
