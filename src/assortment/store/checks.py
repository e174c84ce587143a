"""What may enter a store: ids, texts, times and values that come back from any database as they went in."""

import operator
from typing import Any, TypeAlias

from assortment.core.arrays import Ids, Items, Strings, strings
from assortment.core.errors import BadInput
from assortment.core.events import ID_BYTES, KINDS, Event, Events, kind_number

EventRow: TypeAlias = tuple[int, str, str, str, float | None, str | None, str | None]
"""time, person, item, kind, value, slate, id."""

_LAST_TIME = 2**63 - 1


def checked_id(what: str, text: object) -> str:
    """An id: 1 to 1,000 bytes of Unicode text without NUL, which PostgreSQL cannot hold. Raises `BadInput`."""
    if not isinstance(text, str) or not text:
        raise BadInput(f"{what} is {text!r}; an id is a text of at least one character")
    if "\0" in text:
        raise BadInput(f"{what} is {text!r}; an id cannot hold the character NUL")
    if len(checked_text(what, text).encode()) > ID_BYTES:
        raise BadInput(f"{what} '{text[:20]}…' is longer than {ID_BYTES} bytes; give it a shorter id")
    return text


def checked_text(what: str, text: str) -> str:
    """Text that can be written as UTF-8. Raises `BadInput`."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{what} is {text!r}, which is not Unicode text; read its file in the right encoding") from error
    return text


def checked_time(time: Any) -> int:
    """Milliseconds since 1970 UTC, 0 or more. Raises `BadInput`."""
    try:
        milliseconds = operator.index(time)
    except TypeError as error:
        raise BadInput(f"a time is {time!r}; it is a whole number of milliseconds since 1970 UTC") from error
    if not 0 <= milliseconds <= _LAST_TIME:
        raise BadInput(f"a time is {milliseconds}; it is in milliseconds since 1970 UTC, 0 or more")
    return milliseconds


def event_row(event: Event) -> EventRow:
    """An event as a row. Raises `BadInput` or `UnknownName`; a value of NaN is no value."""
    kind_number(event.kind)
    slate = None if event.slate is None else checked_id("a slate", event.slate)
    user, item = checked_id("a user", event.user), checked_id("an item", event.item)
    once = None if event.id is None else checked_id("the id of an event", event.id)
    return checked_time(event.time), user, item, event.kind, _checked_value(event.value), slate, once


def _checked_value(value: Any) -> float | None:
    try:
        number = None if value is None else float(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"the value of an event is {value!r}; it is a number, the quantity or the rating") from error
    return None if number != number else number


def checked_log(events: Events, ids: Ids) -> tuple[Strings, Strings]:
    """The names of all people and of all items of a log, which can then be written. Raises `BadInput`."""
    if len(events) and (events.kind.min() < 0 or events.kind.max() >= len(KINDS)):
        raise BadInput(f"an event has a kind outside 0 to {len(KINDS) - 1}")
    for time in (*events.time[:1], *events.time[-1:]):
        checked_time(time)
    for slate in set(events.slate) - {None}:
        checked_id("a slate", slate)
    return _checked_names("a user", events.people, events.user), _checked_names("an item", ids, events.item)


def _checked_names(what: str, ids: Ids, numbers: Items) -> Strings:
    if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(ids)):
        raise BadInput(f"the number of {what} of an event is outside 0 to {len(ids) - 1}: it is not among the ids given")
    for name in ids.names:
        checked_id(what, name)
    return strings(ids.names)


def log_rows(events: Events, people: Strings, items: Strings) -> list[EventRow]:
    """A log as rows."""
    values = [None if value != value else value for value in events.value.tolist()]
    kinds = [KINDS[kind] for kind in events.kind.tolist()]
    users, goods = people[events.user].tolist(), items[events.item].tolist()
    nameless = [None] * len(events)
    return list(zip(events.time.tolist(), users, goods, kinds, values, events.slate.tolist(), nameless, strict=True))
