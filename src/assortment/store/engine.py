"""How we speak to SQLite and to PostgreSQL."""

import json
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from assortment.core.errors import StoreError


def open_engine(url: str) -> Engine:
    """The engine for a URL. Connections are made later, in the thread that needs one. Raises `StoreError`."""
    parsed = _checked_url(url)
    serializer = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    try:
        engine = create_engine(parsed, json_serializer=serializer, **_pool(parsed))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        way_out = "pip install 'assortment[server]' and write postgresql+psycopg://…"
        raise StoreError(f"no driver for '{parsed.drivername}'; {way_out}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _pool(url: URL) -> dict[str, Any]:
    """A connection for each request that may be under way, ten of which stay open; one that a server has closed meanwhile is
    found out before it is used, and none is older than half an hour."""
    server = url.get_backend_name() == "postgresql"
    return {
        "pool_size": 10,
        "max_overflow": 30,
        "pool_timeout": 5,
        "pool_pre_ping": server,
        "pool_recycle": 1800 if server else -1,
    }


_PROMPT = {
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""How soon PostgreSQL's client notices, in seconds but for the last, that a server has gone without a word."""


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"'{url}' is not the URL of a store; write sqlite:///shop.db or postgresql+psycopg://…") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"no store for '{parsed.drivername}'; there are: sqlite, postgresql+psycopg")
    if parsed.get_backend_name() == "postgresql":
        return parsed.update_query_dict({name: value for name, value in _PROMPT.items() if name not in parsed.query})
    if parsed.database in (None, "", ":memory:"):
        raise StoreError("a store needs a file, since in memory each thread has its own; write sqlite:///shop.db")
    return parsed


def _set_up_sqlite(connection: Any, _: object) -> None:
    """In WAL readers go on reading while one writes, and with it `synchronous=NORMAL` loses nothing that was acknowledged when
    a process dies and never damages the file; only when the machine loses power may the last moments be missing. FULL would
    have every event and every slate wait for the disk. `secure_delete` overwrites what is forgotten."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes the write lock at once: a reader that turned writer would be refused."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def listed(connection: Connection, count: int) -> str:
    """The list of so many values, as a statement in the driver's own words has it; SQLAlchemy writes one anew each time."""
    value = "%s" if connection.dialect.name == "postgresql" else "?"
    return f"({', '.join([value] * count) or 'NULL'})"
