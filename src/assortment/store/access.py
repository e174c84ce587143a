"""Who may do what: keys, sessions, links and the audit log, beside the shop's own tables in the same database.

Keys, sessions and links are random texts of 256 bits. Only their SHA-256 is kept, which is enough for what cannot be guessed:
a slow hash is for passwords, and there are none (decision 0019).
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update

from assortment.core.errors import BadSetting, did_you_mean
from assortment.store.sql import Store
from assortment.store.tables import audit, key, link, session
from assortment.store.trouble import told

ENTERED = "logged in"
"""What the audit log says of somebody who did."""

NAME = 40
"""The longest name of a key."""


@dataclass(frozen=True)
class Key:
    """A key as it is listed. rate: requests a second, None where there is no limit; made, until: milliseconds since 1970 UTC,
    until None where nothing ends it."""

    number: int
    name: str
    role: str
    rate: float | None
    made: int
    until: int | None

    def stands(self, now: int) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True)
class Session:
    """Somebody logged in. until: milliseconds since 1970 UTC."""

    name: str
    role: str
    until: int


@dataclass(frozen=True)
class Entry:
    """A line of the audit log: at what time (milliseconds since 1970 UTC) who, in which role, did what, with what."""

    time: int
    who: str
    role: str
    act: str
    about: str


def hashed(secret: str) -> str:
    """What is kept of a key, a session or a link.

    >>> hashed("assortment-key-1")[:16]
    'd3cd449653fa8e1c'
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_access(store: Store) -> "Access":
    """Who may do what in a shop, by its store."""
    return Access(store.engine)


@dataclass(frozen=True, eq=False)
class Access:
    """The keys, sessions and links of a shop, and its audit log. Times are milliseconds since 1970 UTC."""

    engine: Engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction; nobody else writes meanwhile."""
        with told(self.engine), self.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('assortment-access'))")
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(self.engine), self.engine.connect() as connection:
            yield connection

    # Keys

    def add(self, name: str, role: str, rate: float | None, now: int) -> str:
        """Make a key and return it: it cannot be read again. Raises `BadSetting` where a key of this name stands."""
        if not (0 < len(name) <= NAME and name.isprintable()):
            raise BadSetting(f"a key's name has 1 to {NAME} letters")
        with self.writing() as connection:
            if any(one.name == name and one.stands(now) for one in _keys(connection)):
                raise BadSetting(f"there is a key '{name}'; rotate it, revoke it, or name another")
            _noted(connection, now, "made a key", f"{name}: {role}")
            return _made(connection, name, role, rate, now)

    def rotate(self, name: str, overlap: int, now: int) -> str:
        """Make a new key in place of those of a name, which stand for `overlap` milliseconds more; the new one."""
        with self.writing() as connection:
            old = _standing(connection, name, now)
            _ended(connection, old, now + overlap)
            _noted(connection, now, "rotated a key", name)
            return _made(connection, name, old[-1].role, old[-1].rate, now)

    def revoke(self, name: str, now: int) -> int:
        """End all keys of a name, and the sessions that began with them, at once; how many keys."""
        with self.writing() as connection:
            old = _standing(connection, name, now)
            _ended(connection, old, now)
            connection.execute(delete(session).where(session.c.key.in_([one.number for one in old])))
            _noted(connection, now, "revoked a key", name)
            return len(old)

    def listed(self) -> tuple[Key, ...]:
        """All keys that were ever made, in that order."""
        with self._reading() as connection:
            return _keys(connection)

    def by_hash(self) -> dict[str, Key]:
        """All keys that were ever made, by what is kept of them."""
        with self._reading() as connection:
            return {row.hash: _key(row) for row in connection.execute(select(key).order_by(key.c.number))}

    # Sessions and links

    def begin(self, name: str, role: str, until: int, number: int | None = None) -> str:
        """Begin a session; what the browser is to show. number: of the key that it began with."""
        secret = secrets.token_urlsafe(32)
        with self.writing() as connection:
            connection.execute(insert(session).values(hash=hashed(secret), name=name, role=role, key=number, until=until))
        return secret

    def session(self, secret: str, now: int) -> Session | None:
        """The session that a browser shows, where it stands."""
        query = select(session.c.name, session.c.role, session.c.until).where(session.c.hash == hashed(secret))
        with self._reading() as connection:
            row = connection.execute(query.where(session.c.until > now)).one_or_none()
        return None if row is None else Session(*row)

    def end(self, secret: str, now: int) -> None:
        """End a session, and drop what has run out."""
        with self.writing() as connection:
            connection.execute(delete(session).where((session.c.hash == hashed(secret)) | (session.c.until <= now)))
            connection.execute(delete(link).where(link.c.until <= now))

    def link(self, role: str, until: int) -> str:
        """Make a link through which somebody may log in once."""
        secret = secrets.token_urlsafe(32)
        with self.writing() as connection:
            connection.execute(insert(link).values(hash=hashed(secret), role=role, until=until))
        return secret

    def use(self, secret: str, now: int) -> str | None:
        """Use up a link; the role it gives, None where there is no such link any more."""
        with self.writing() as connection:
            query = select(link.c.role).where(link.c.hash == hashed(secret), link.c.until > now)
            role = connection.scalar(query)
            connection.execute(delete(link).where(link.c.hash == hashed(secret)))
        return role

    # The audit log

    def note(self, time: int, who: str, role: str, act: str, about: str = "") -> None:
        """Append a line to the audit log."""
        with self.writing() as connection:
            connection.execute(insert(audit).values(time=time, who=who, role=role, act=act, about=about[:1000]))

    @property
    def entered(self) -> bool:
        """Whether anybody ever logged in."""
        with self._reading() as connection:
            return connection.scalar(select(audit.c.number).where(audit.c.act == ENTERED).limit(1)) is not None

    def entries(self, most: int = 100, before: int | None = None) -> tuple[Entry, ...]:
        """The last lines of the audit log, the latest first; before: only those before a time."""
        query = select(audit.c.time, audit.c.who, audit.c.role, audit.c.act, audit.c.about)
        if before is not None:
            query = query.where(audit.c.time < before)
        with self._reading() as connection:
            return tuple(Entry(*row) for row in connection.execute(query.order_by(audit.c.number.desc()).limit(most)))


def _key(row: object) -> Key:
    return Key(*(getattr(row, field) for field in ("number", "name", "role", "rate", "made", "until")))


def _keys(connection: Connection) -> tuple[Key, ...]:
    return tuple(_key(row) for row in connection.execute(select(key).order_by(key.c.number)))


def _standing(connection: Connection, name: str, now: int) -> list[Key]:
    keys = [one for one in _keys(connection) if one.stands(now)]
    found = [one for one in keys if one.name == name]
    if not found:
        raise did_you_mean("key", name, {one.name for one in keys})
    return found


def _ended(connection: Connection, keys: Sequence[Key], until: int) -> None:
    """Let keys stand no longer than until a time."""
    numbers = [one.number for one in keys if one.until is None or one.until > until]
    connection.execute(update(key).where(key.c.number.in_(numbers)).values(until=until))


def _noted(connection: Connection, time: int, act: str, about: str) -> None:
    """What was done on the machine itself."""
    connection.execute(insert(audit).values(time=time, who="command line", role="", act=act, about=about))


def _made(connection: Connection, name: str, role: str, rate: float | None, now: int) -> str:
    secret = f"assortment-{secrets.token_urlsafe(32)}"
    connection.execute(insert(key).values(name=name, role=role, rate=rate, hash=hashed(secret), made=now))
    return secret
