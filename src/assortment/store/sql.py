"""The log, the catalog and what was shown, in SQLite or PostgreSQL."""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, count
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import numpy as np
from sqlalchemy import Connection, Engine, Result, Row, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from assortment.core.arrays import Column, Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, StoreError
from assortment.core.events import Event, Events, Shown, kind_number, no_events
from assortment.core.mutes import Muting
from assortment.store import cells, marks, tables
from assortment.store.append import Appended, append, insert_events, insert_rows
from assortment.store.cache import Cache
from assortment.store.checks import checked_id, checked_log, checked_text, checked_time, event_row, log_rows
from assortment.store.engine import listed, open_engine
from assortment.store.line import Line, ended
from assortment.store.marks import Mark
from assortment.store.migrate import refuse_newer, revision, upgrade
from assortment.store.trouble import Unsure, got_in_the_way, told, was_lost

T = TypeVar("T")
Head: TypeAlias = tuple[str, int, str, str, float | None]
"""slate, time, person, arm, took."""

WRITE, READ = 50_000, 500
"""Rows at a time while a log is written and read: many per statement, but few alive at once."""

_LOG = [tables.event.c[name] for name in ("time", "person", "item", "kind", "value", "slate")]
_PAST = f"SELECT {', '.join(column.name for column in _LOG)} FROM event WHERE person IN %s ORDER BY arrival"
_MUTES = (
    select(*(tables.mute.c[name] for name in ("person", "field", "value", "muted", "time", "goods")))
    .where(tables.mute.c.person.in_(bindparam("people", expanding=True)))
    .order_by(tables.mute.c.arrival)
)


def open_store(url: str, profiles: str = "") -> "Store":
    """Open the store at a URL; its tables are made where there are none.

    url: `sqlite:///path/shop.db` or `postgresql+psycopg://user:password@host/database`. SQLite waits 5 seconds for another
    writer (`?timeout=30` waits 30), PostgreSQL 10 for its server (`?connect_timeout=30`). profiles: the `redis://…` where what
    is read of people is kept beside, "" for nowhere; whatever is there may go at any time. Raises `StoreError` where the store
    cannot be opened, holds somebody else's tables, or is of a newer revision.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/shop.db") as store:
    ...     store.append([Event("ann", "tea", "purchase", 1_700_000_000_000)])
    ...     store.history("ann")
    1
    [Event(user='ann', item='tea', kind='purchase', time=1700000000000, value=None, slate=None, id=None)]
    """
    store = Store(open_engine(url), Cache.at(profiles) if profiles else None)
    try:
        store.prepare()
        if store.cache is not None:
            store.cache.shop = store.name
    except BaseException:
        store.close()
        raise
    return store


@dataclass(frozen=True, eq=False)
class Store:
    """The log of a shop, its catalog and what it showed; for many threads at once. `open_store` makes one.

    Whatever writes is one transaction: all of it is there once the call has returned, or none. All raise `StoreError` where
    the database cannot do as told, and `BadInput` for what no store can hold.
    """

    engine: Engine
    cache: Cache | None = None

    @cached_property
    def line(self) -> Line:
        """The way to the database."""
        return Line(self.engine)

    @property
    def url(self) -> str:
        """Where the store is; a password shows as ***."""
        return self.engine.url.render_as_string(hide_password=True)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        if self.cache is not None:
            self.cache.close()

    def prepare(self) -> None:
        """Make the tables where there are none, or bring them up from those of an older revision; raise `StoreError` where they
        are not ours or of a newer one."""
        with self.reading() as connection:
            found = revision(connection)
        refuse_newer(self.engine, found)
        if found != tables.REVISION:
            with self.writing() as connection:
                upgrade(connection)

    @cached_property
    def name(self) -> str:
        """Drawn when the store was made, and its own wherever its file or database goes."""
        with self.reading() as connection:
            return connection.scalar(select(tables.about.c.name)) or ""

    def mark(self, user: str = "") -> Mark:
        """How often the catalog, the log and what is held of a person have changed, in whatever process."""
        return self.marks([user])[user]

    def marks(self, users: Collection[str]) -> dict[str, Mark]:
        """The same of several people, of one moment."""
        return self._read(lambda connection: marks.marks(connection, users))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction in which everything read is of one moment."""
        with told(self.engine), self.line.connected() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is there as a whole once the block has ended, or not at all."""
        with told(self.engine), self.line.connected() as connection:
            connection.execution_options(writes=True)
            transaction = connection.begin()
            with ended(self.engine, transaction):
                yield connection

    # The catalog

    def put_catalog(self, catalog: Catalog) -> None:
        """Put goods: those that are here already are replaced whole and keep their place, new ones come after them.

        A column holds text (str or None), numbers (NaN where missing) or truths. Raises `BadInput` for vectors, which belong
        to the fitted model, and for a column that holds another kind here for goods that stay.
        """
        kinds = cells.kinds(catalog)
        items = [checked_id("an item", name) for name in catalog.ids.names]
        if not items:
            return
        with self.writing() as connection:
            rows = [{"item": item, "known": known} for item, known in zip(items, cells.known(catalog), strict=True)]
            _put(connection, tables.item, rows, "item", "known")
            others = (connection.scalar(select(func.count()).select_from(tables.item)) or 0) - len(items)
            if not others:
                connection.execute(delete(tables.field))
            _agree(kinds, _fields(connection), others)
            if kinds:
                _put(connection, tables.field, [{"field": f, "kind": k} for f, k in kinds.items()], "field", "kind")
            marks.changed(connection, marks.GOODS)

    def catalog(self) -> Catalog:
        """All goods in the order in which they were first put.

        Where goods were put with different columns, the missing cells are None or NaN; truths then come as 1, 0 and NaN.
        """
        query = select(tables.item.c.item, tables.item.c.known).order_by(tables.item.c.arrival)
        with self.reading() as connection:
            fields = _fields(connection)
            rows = connection.execute(query).all()
        columns = {name: cells.column(kind, [row.known.get(name) for row in rows]) for name, kind in fields.items()}
        return Catalog(Ids(tuple(row.item for row in rows)), columns)

    # The log

    def append(self, events: Iterable[Event]) -> int:
        """Append events in this order, all or none; the number appended. Raises `BadInput` or `UnknownName` for a bad one.

        An event whose id the log has already is not appended again.
        """
        return len(self.take(events).new)

    def take(self, events: Iterable[Event]) -> Appended:
        """As `append`; what it did."""
        given = list(events)
        rows = [event_row(event) for event in given]
        if not rows:
            return Appended()
        named = all(event.id is not None for event in given)
        return self._written(lambda connection: append(connection, given, rows), twice=named)

    def _written(self, write: Callable[[Connection], T], *, twice: bool) -> T:
        """Do it in one transaction; once more where nothing was done, since the connection was lost or another transaction got
        in the way. twice: whether it may be done again even where it is not known whether it was done."""
        for last in (False, True):
            try:
                with self.writing() as connection:
                    return write(connection)
            except StoreError as error:
                cause = error.__cause__
                again = twice if isinstance(error, Unsure) else got_in_the_way(cause) or was_lost(cause)
                if last or not again:
                    raise
        raise AssertionError("either way it has ended")

    def _read(self, read: Callable[[Connection], T]) -> T:
        """Read in one transaction, once more where the connection was lost."""
        try:
            with self.reading() as connection:
                return read(connection)
        except StoreError as error:
            if not was_lost(error.__cause__):
                raise
        with self.reading() as connection:
            return read(connection)

    def append_log(self, events: Events, ids: Ids) -> int:
        """Append a whole log whose item numbers point into `ids`, all or none; the number appended."""
        people, items = checked_log(events, ids)
        with self.writing() as connection, _filed_after(connection, len(events)):
            for start in range(0, len(events), WRITE):
                insert_events(connection, log_rows(events.take(slice(start, start + WRITE)), people, items))
            marks.changed(connection, marks.LOG)
        return len(events)

    def events(self, ids: Ids, since: int = 0) -> Events:
        """The log from `since` (milliseconds) on, by time and, where times are equal, by arrival.

        People are numbered as they first arrived. Events of items that are not in `ids` are left out, and a warning is
        logged that says how many; `unknown_items` names them.
        """
        query = select(*_LOG).where(tables.event.c.time >= since).order_by(tables.event.c.arrival)
        with self.reading() as connection:
            events, unknown = _events(connection.execution_options(yield_per=READ).execute(query), ids)
        if unknown:
            said = "%d events of %d items that are not in the catalog are left out of the log, most of them of '%s'"
            logging.getLogger(__name__).warning(said, unknown.total(), len(unknown), unknown.most_common(1)[0][0])
        return events

    def unknown_items(self, ids: Ids) -> dict[str, int]:
        """The items in the log that are not in `ids`, and the number of their events: what `events` leaves out."""
        query = select(tables.event.c.item, func.count()).group_by(tables.event.c.item).order_by(tables.event.c.item)
        with self.reading() as connection:
            return {name: number for name, number in connection.execute(query) if name not in ids}

    def count(self) -> int:
        """How many events are in the log."""
        with self.reading() as connection:
            return connection.scalar(select(func.count()).select_from(tables.event)) or 0

    def history(self, user: str) -> list[Event]:
        """One person's events, oldest first."""
        with self.reading() as connection:
            return _history(connection, user)

    def latest(self, most: int = 50) -> list[Event]:
        """The events that arrived last, the last first."""
        c = tables.event.c
        query = select(c.person, c.item, c.kind, c.time, c.value, c.slate).order_by(c.arrival.desc()).limit(most)
        with self.reading() as connection:
            return [Event(*row) for row in connection.execute(query)]

    def people(self, contains: str = "", most: int = 20) -> list[tuple[str, int]]:
        """At most `most` people and the number of their events, most active first; only those whose id contains a text, whose
        letters a to z may stand in either case."""
        person, number = tables.event.c.person, func.count()
        query = select(person, number).group_by(person).order_by(number.desc(), person).limit(most)
        if contains:
            query = query.where(person.icontains(contains, autoescape=True))
        with self.reading() as connection:
            return [(name, events) for name, events in connection.execute(query)]

    # What was shown

    def show(self, shown: Shown) -> None:
        """Record a slate as it was put before a person; an empty user is somebody we do not know."""
        self.show_all([shown])

    def show_all(self, slates: Sequence[Shown]) -> None:
        """Record slates in one transaction, all or none."""
        checked = [_checked_slate(shown) for shown in slates]
        if not checked:
            return
        rows = [row for _, places in checked for row in places]
        with self.writing() as connection:
            _insert_slates(connection, [head for head, _ in checked])
            insert_rows(connection, "shown", ("slate", "place", "item", "propensity"), rows)

    def shown(self, slate: str | None = None, user: str | None = None, since: int = 0, every: int = 1) -> list[Shown]:
        """What was shown from `since` (milliseconds) on, in order of time: one slate by its id, the slates of one person, or
        all. every: 1 all of these, 2 every second that was recorded, and so on."""
        s, p = tables.slate.c, tables.shown.c
        both = tables.slate.outerjoin(tables.shown, s.slate == p.slate)
        query = select(s.slate, s.time, s.person, s.arm, s.took, p.item, p.propensity).select_from(both).where(s.time >= since)
        if every > 1:
            query = query.where(s.arrival % every == 0)
        if slate is not None:
            query = query.where(s.slate == slate)
        if user is not None:
            query = query.where(s.person == user)
        places: dict[Head, list[tuple[str, float]]] = {}
        with self.reading() as connection:
            for *head, item, propensity in connection.execute(query.order_by(s.time, s.arrival, p.place)):
                places.setdefault(tuple(head), []).extend([] if item is None else [(item, propensity)])
        return [_shown(head, row) for head, row in places.items()]

    # The person

    def mute(self, muting: Muting) -> None:
        """Append that a person mutes a kind of goods, or takes that back."""
        row = {
            "time": checked_time(muting.time),
            "person": checked_id("a user", muting.user),
            "field": checked_id("the name of a column", muting.column),
            "value": checked_id("what is muted", muting.value),
            "muted": muting.muted,
            "goods": [checked_id("an item", item) for item in muting.goods],
        }
        with self.writing() as connection:
            connection.execute(insert(tables.mute), row)
            marks.people_changed(connection, [muting.user])

    def mutings(self, user: str) -> list[Muting]:
        """All that a person muted and took back, in the order in which they did."""
        with self.reading() as connection:
            return _mutings(connection, user)

    def held(self, user: str) -> tuple[Mark, list[Event], list[Muting]]:
        """Where things stand for a person, their events and their mutes, all of one moment."""
        return self._read(
            lambda connection: (
                marks.marks(connection, [user])[user],
                _history(connection, user),
                _mutings(connection, user),
            )
        )

    def past(self, users: Collection[str], ids: Ids) -> tuple[dict[str, Mark], Events, dict[str, list[Muting]]]:
        """The same of several people, of one moment: where things stand for each, the events of all as `events` gives them, of
        the items that are in `ids`, and the mutes of those who have any."""
        people = tuple(users)
        return self._read(
            lambda connection: (
                marks.marks(connection, people),
                _events(connection.exec_driver_sql(_PAST % listed(connection, len(people)), people), ids)[0],
                _by_person(_muting(row) for row in connection.execute(_MUTES, {"people": people})),
            )
        )

    def forget(self, user: str) -> dict[str, int]:
        """Remove a person from all tables; the rows removed from each.

        SQLite overwrites them in its file, as soon as nobody is reading what was there before; PostgreSQL when it vacuums.
        """
        theirs = select(tables.slate.c.slate).where(tables.slate.c.person == user)
        deletions = {
            "event": delete(tables.event).where(tables.event.c.person == user),
            "shown": delete(tables.shown).where(tables.shown.c.slate.in_(theirs)),
            "slate": delete(tables.slate).where(tables.slate.c.person == user),
            "mute": delete(tables.mute).where(tables.mute.c.person == user),
            "person": delete(tables.person).where(tables.person.c.person == user),
        }
        with self.writing() as connection:
            removed = {name: connection.execute(deletion).rowcount for name, deletion in deletions.items()}
            marks.forgotten(connection, user)
        if self.cache is not None:
            self.cache.drop(user)
        if self.engine.dialect.name == "sqlite":
            self._write_back()
        return removed

    def _write_back(self) -> None:
        """Empty SQLite's write-ahead log into the file, so that what was deleted does not linger there."""
        with told(self.engine), self.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _history(connection: Connection, user: str) -> list[Event]:
    c = tables.event.c
    columns = (c.person, c.item, c.kind, c.time, c.value, c.slate, c.id)
    query = select(*columns).where(c.person == user).order_by(c.time, c.arrival)
    return [Event(*row) for row in connection.execute(query)]


def _mutings(connection: Connection, user: str) -> list[Muting]:
    return [_muting(row) for row in connection.execute(_MUTES, {"people": [user]})]


def _muting(row: Row) -> Muting:
    return Muting(row.person, row.field, row.value, row.muted, row.time, tuple(row.goods))


def _by_person(mutings: Iterable[Muting]) -> dict[str, list[Muting]]:
    theirs: defaultdict[str, list[Muting]] = defaultdict(list)
    for muting in mutings:
        theirs[muting.user].append(muting)
    return theirs


@contextmanager
def _filed_after(connection: Connection, coming: int) -> Iterator[None]:
    """Where more events come than are there, the index is made anew behind them, for half the work of filing one by one."""
    if (connection.scalar(select(func.count()).select_from(tables.event)) or 0) >= coming:
        yield
        return
    tables.event_person.drop(connection)
    yield
    tables.event_person.create(connection)


def _events(found: Result, ids: Ids) -> tuple[Events, Counter[str]]:
    """What was found of the log, by time; and the items that are not in `ids`, which are left out, with their events."""
    people: defaultdict[str, int] = defaultdict(count().__next__)
    unknown: Counter[str] = Counter()
    parts = [_arrays(rows, ids, people, unknown) for rows in found.partitions(READ)]
    if not parts:
        return no_events(), unknown
    log = [np.concatenate(part) for part in zip(*parts, strict=True)]
    order = np.argsort(log[0], kind="stable")
    return Events(Ids(tuple(people)), *(column[order] for column in log)), unknown


def _arrays(rows: Sequence[Sequence[Any]], ids: Ids, people: Mapping[str, int], unknown: Counter[str]) -> tuple[Column, ...]:
    """The columns of a log from rows; items that are not in `ids` are counted and left out, new people get the next number."""
    items = ids.numbers([row[2] for row in rows])
    known = items >= 0
    if not known.all():
        unknown.update(row[2] for row in compress(rows, ~known))
        rows, items = list(compress(rows, known)), items[known]
    time, person, _, kind, value, slate = zip(*rows, strict=True) if rows else ((),) * 6
    kinds = {name: kind_number(name) for name in set(kind)}
    return (
        np.array(time, np.int64),
        np.fromiter(map(people.__getitem__, person), np.int32, len(person)),
        items,
        np.fromiter(map(kinds.__getitem__, kind), np.int8, len(kind)),
        np.array(value, np.float32),
        strings(slate),
    )


def _checked_slate(shown: Shown) -> tuple[Head, list[tuple[str, int, str, float]]]:
    """A slate as a row, and its places as rows."""
    if len(shown.items) != len(shown.propensity):
        raise BadInput(f"slate '{shown.slate}' has {len(shown.items)} items and {len(shown.propensity)} propensities")
    if wrong := [p for p in shown.propensity if not 0 < p <= 1]:
        raise BadInput(f"slate '{shown.slate}' has a propensity of {wrong[0]}; it is above 0 and at most 1")
    if shown.took is not None and not 0 <= shown.took < float("inf"):
        raise BadInput(
            f"slate '{shown.slate}' took {shown.took} milliseconds; that is 0 or more, None where nobody measured it"
        )
    slate = checked_id("a slate", shown.slate)
    person, arm = shown.user and checked_id("a user", shown.user), checked_text("an arm", shown.arm)
    head = slate, checked_time(shown.time), person, arm, shown.took
    places = enumerate(zip(shown.items, shown.propensity, strict=True), start=1)
    return head, [(slate, place, checked_id("an item", item), float(propensity)) for place, (item, propensity) in places]


def _shown(head: Head, places: Sequence[tuple[str, float]]) -> Shown:
    slate, time, person, arm, took = head
    return Shown(slate, time, person, arm, tuple(item for item, _ in places), tuple(p for _, p in places), took)


def _insert_slates(connection: Connection, heads: Sequence[Head]) -> None:
    try:
        insert_rows(connection, "slate", ("slate", "time", "person", "arm", "took"), heads)
    except (IntegrityError, connection.dialect.loaded_dbapi.IntegrityError) as error:
        named = ", ".join(f"'{slate}'" for slate, *_ in heads[:3])
        raise BadInput(f"slate {named} is recorded already; the id of a slate is used once") from error


def _fields(connection: Connection) -> dict[str, str]:
    """The columns of the catalog and their kinds, in order."""
    query = select(tables.field.c.field, tables.field.c.kind).order_by(tables.field.c.arrival)
    return dict(connection.execute(query).all())


def _agree(new: Mapping[str, str], there: Mapping[str, str], others: int) -> None:
    for name, kind in new.items():
        if there.get(name, kind) != kind:
            differs = f"column '{name}' holds {kind}, and {there[name]} for {others} goods that are in the store"
            raise BadInput(f"{differs}; put all goods together, or name the column otherwise")


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]], key: str, value: str) -> None:
    """Insert rows; where a key is there already, only its value changes."""
    into = postgresql_insert(table) if connection.dialect.name == "postgresql" else sqlite_insert(table)
    connection.execute(into.on_conflict_do_update(index_elements=[key], set_={value: into.excluded[value]}), rows)
