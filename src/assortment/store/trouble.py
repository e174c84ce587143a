"""What databases complain of, as a `StoreError` with the way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assortment.core.errors import StoreError

_SQLITE = {
    "SQLITE_BUSY": "another program is writing to it for longer than we wait; end that one, or wait longer with ?timeout=30",
    "SQLITE_LOCKED": "another program is writing to it for longer than we wait; end that one, or wait longer with ?timeout=30",
    "SQLITE_READONLY": "it can only be read; give write permission to the file and to its folder",
    "SQLITE_PERM": "it may not be read; give permission to the file and to its folder",
    "SQLITE_NOTADB": "the file is not a database; name another, or move it away and a new one is made",
    "SQLITE_CORRUPT": "the file is damaged; move it away and put back a copy",
    "SQLITE_CANTOPEN": "the file cannot be opened; its folder must exist and be writable",
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_IOERR": "the disk cannot be read or written; see to it, and to whether the file is on a network drive",
}

_POSTGRESQL = {
    "28": "it refuses this user or password; mend the URL",
    "3D": "there is no such database; make it with `createdb`, or mend the URL",
    "42501": "this user may not do that; grant CREATE on the schema and all rights on its tables",
    "25006": "it can only be read; name the primary server",
    "53": "it has no room left: disk, memory or connections",
    "55P03": "another program holds the tables; end that one, or wait",
    "57": "it is shutting down or was told to stop; try again once it is up",
    "08": "the connection was lost; try again once the server can be reached",
}

_UNREACHABLE = "it cannot be reached; see that the server runs and that the URL names its host, port and database"


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Turn whatever the database raises within this block into a `StoreError`."""
    url = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"store {url}: {_way_out(error.orig)}") from error
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise StoreError(f"store {url}: {_way_out(error)}") from error


class Unsure(StoreError):
    """The connection was lost while a transaction ended: it may be there, or not."""


def was_lost(error: object) -> bool:
    """Whether a connection was lost, so that nothing that had not ended is there."""
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None) or ""
    lost = getattr(error, "connection_invalidated", False) or state.startswith(("08", "57P"))
    return lost or (hasattr(cause, "diag") and not state)


def got_in_the_way(error: object) -> bool:
    """Whether another transaction undid this one: a deadlock, or the same id at the same time."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) in ("40P01", "40001", "23505")


def _way_out(error: object) -> str:
    """The way out and the database's own words, without the rows that it may quote."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    words = " ".join(str(primary or error).split())
    sqlite, state = getattr(error, "sqlite_errorname", None), getattr(error, "sqlstate", None)
    if sqlite is not None:
        known = [way for name, way in _SQLITE.items() if sqlite.startswith(name)]
    elif state is not None:
        known = [way for prefix, way in _POSTGRESQL.items() if state.startswith(prefix)]
    else:
        known = [_UNREACHABLE] if isinstance(error, Exception) and hasattr(error, "diag") else []
    return f"{known[0]} ({words})" if known else words
