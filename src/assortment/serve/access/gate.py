"""The gate before every door: who is there, and may they go through.

A shop is open to all as long as nobody made a key and it listens on this machine alone; then only what this machine's own
pages and programs ask is answered, so that no page of a stranger can reach it. The first key locks it, for good.
"""

import asyncio
import ipaddress
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assortment.core.errors import StoreError
from assortment.serve.access.buckets import Buckets, whole_seconds
from assortment.serve.access.roles import PERSON, is_open, who_may
from assortment.store.access import Access, Key, hashed

FRESH = 2.0
"""Seconds after which keys and sessions are read again: so long a revoked one may still be taken."""

LAST = 60.0
"""Seconds for which keys that were read are good while they cannot be read again."""

GUESSES = 10
"""Keys that stand for nothing, from one address in a minute; then it is answered 429 for a while, whatever it shows."""

COOKIE = "assortment_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

UNNOTED = re.compile(r"/api/(events|recommend|trace|users/\{user:path\}$)|/me/forget$")
"""Routes that change nothing of the shop itself, or note by themselves what was done."""

NOTED = ("/api/", "/console", "/me/")
"""How routes begin that change something of the shop or of a person."""

log = logging.getLogger("assortment.serve")
Headers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Who:
    """Who asks. role: "" for anybody, where the shop is open; session: whether they logged in, rather than showed a key."""

    name: str
    role: str
    session: bool = False


ANYBODY = Who("anybody", "")


class Refused(HTTPException):
    """The gate does not let somebody through. wait: seconds after which to try again."""

    def __init__(self, status: int, error: str, wait: float = 0.0) -> None:
        headers = {"Retry-After": whole_seconds(wait)} if wait else {}
        super().__init__(status, error, {"WWW-Authenticate": "Bearer"} if status == 401 else headers)


def who_asks(asked: Asked) -> Who:
    """Who asks, as the gate found; anybody where there is no gate. A dependency of FastAPI, too."""
    return asked.scope.get("state", {}).get("who", ANYBODY)


def may(asked: Asked, method: str, path: str) -> bool:
    """Whether who asks may do this; where the shop is open, anybody may do all."""
    role = who_asks(asked).role
    return not role or role in who_may(method, path)


def operator_only(asked: Asked) -> Who:
    """A dependency of FastAPI for what only the operator may do; who it is. Where the shop is open, anybody may."""
    return _only(asked, frozenset({"operator"}))


def people_only(asked: Asked) -> Who:
    """The same for what the operator and the privacy officer may do."""
    return _only(asked, PERSON)


def _only(asked: Asked, roles: frozenset[str]) -> Who:
    who = who_asks(asked)
    if who.role and who.role not in roles:
        raise HTTPException(403, _not_for(who, roles))
    return who


@dataclass
class Gate:
    """What the server knows of who may do what. here: whether it listens on this machine alone; clock: milliseconds since 1970
    UTC; ticks: seconds of a clock that goes one way; origins: of pages of other hosts that may call the API of an open shop, as
    browsers spell them."""

    access: Access
    here: bool
    clock: Callable[[], int]
    ticks: Callable[[], float] = time.monotonic
    origins: frozenset[str] = frozenset()
    _keys: dict[str, Key] = field(default_factory=dict)
    _read: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _rates: Buckets = field(default_factory=Buckets)
    _guesses: Buckets = field(default_factory=Buckets)
    _good: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)
    _sessions: OrderedDict[str, tuple[float, Who | None]] = field(default_factory=OrderedDict)

    @property
    def locked(self) -> bool:
        """Whether a key is needed: as soon as one was ever made, and always where others can reach the server."""
        return bool(self._keys) or not self.here

    async def fresh(self) -> None:
        """Read the keys anew where they are not fresh; raises `StoreError` where that has failed for `LAST` seconds."""
        if self.ticks() - self._read < FRESH:
            return
        async with self._reading:
            if self.ticks() - self._read < FRESH:
                return
            try:
                self._keys = await run_in_threadpool(self.access.by_hash)
            except StoreError as error:
                if self.ticks() - self._read > LAST:
                    raise
                log.warning("the keys cannot be read anew: %s", error)
                return
            self._read = self.ticks()

    async def let(self, scope: Scope) -> Who:
        """Who is there; raises `Refused` where they may not go where they want to."""
        await self.fresh()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path, method = scope["path"], scope["method"]
        if not self.locked:
            named = headers.get("origin") in self.origins and path.startswith("/api/")
            _from_here(headers, "GET" if named else method)
            return ANYBODY
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
            raise Refused(422, "the address holds a control character")
        if is_open(path):
            return await self.logged_in(headers) or ANYBODY
        who = await self._shown(headers, address(scope), method)
        roles = who_may(method, path)
        if who.role not in roles:
            raise Refused(403, _not_for(who, roles))
        return who

    async def _shown(self, headers: Headers, where: str, method: str) -> Who:
        """Who shows a key or a session."""
        secret = shown_key(headers)
        if secret:
            return self.take(secret, where)
        who = await self.logged_in(headers)
        if who is None:
            raise Refused(401, "a key is needed; send it as: Authorization: Bearer KEY")
        own(headers, method)
        return who

    def take(self, secret: str, where: str) -> Who:
        """Whose key this is; raises `Refused` for one that stands for nothing, and where too many came."""
        key = self.key(secret, where)
        wait = self._rates.wait(key.name, key.rate, max(10.0, 2 * key.rate), self.ticks()) if key.rate else 0.0
        if wait:
            raise Refused(429, f"key '{key.name}' may ask {key.rate:g} times a second; wait", wait)
        return Who(key.name, key.role)

    def key(self, secret: str, where: str) -> Key:
        """The key that a text is. Keys that were good from an address pass, however much others guess from there."""
        digest, now = hashed(secret), self.ticks()
        rate = GUESSES / 60
        if (digest, where) not in self._good and (wait := self._guesses.empty(where, rate, GUESSES, now)):
            raise Refused(429, "too many wrong keys from this address; wait", wait)
        key = self._keys.get(digest)
        if key is None or not key.stands(self.clock()):
            self.guessed(where)
            raise Refused(401, "this key stands for nothing: it is wrong, or was ended")
        _remember(self._good, (digest, where), None)
        return key

    def guessed(self, where: str) -> None:
        """Count a key or a link that stood for nothing; raises `Refused` where there were too many."""
        wait = self._guesses.wait(where, GUESSES / 60, GUESSES, self.ticks())
        if wait:
            raise Refused(429, "too many wrong keys from this address; wait", wait)

    async def logged_in(self, headers: Headers) -> Who | None:
        """Who shows a session that stands."""
        secret = cookie(headers)
        if not secret:
            return None
        digest, now = hashed(secret), self.ticks()
        read, who = self._sessions.get(digest, (float("-inf"), None))
        if now - read >= FRESH:
            found = await run_in_threadpool(self.access.session, secret, self.clock())
            who = Who(found.name, found.role, True) if found else None
            _remember(self._sessions, digest, (now, who))
        return who

    def left(self, secret: str) -> None:
        """Forget a session at once."""
        self._sessions.pop(hashed(secret), None)


class Gated:
    """An application behind a gate."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            who = scope.setdefault("state", {})["who"] = await self.gate.let(scope)
        except Refused as refused:
            await _told(scope, send, refused)
        except StoreError as error:
            await _answered(send, 503, str(error), {"Retry-After": "1"})
        else:
            await self.app(scope, receive, send if scope["method"] in SAFE else self._noting(scope, who, send))

    def _noting(self, scope: Scope, who: Who, send: Send) -> Send:
        """Has the audit log say what an operator or a privacy officer changed before they hear of it: the route, no name."""

        async def noting(message: Message) -> None:
            route = getattr(scope.get("route"), "path", "")
            done = message["type"] == "http.response.start" and message["status"] < 400
            if done and who.role in PERSON and route.startswith(NOTED) and not UNNOTED.match(route):
                gate = self.gate
                act = f"{scope['method']} {route}"
                await run_in_threadpool(gate.access.note, gate.clock(), who.name, who.role, act)
            await send(message)

        return noting


async def _told(scope: Scope, send: Send, refused: Refused) -> None:
    """To a program as a document, to a person on a page by leading them where they can log in."""
    page = scope["method"] == "GET" and not scope["path"].startswith(("/api/", "/metrics"))
    if page and refused.status_code in (401, 403):
        query = scope["query_string"].decode("latin-1")
        back = quote(scope["path"]) + (f"?{query}" if query else "")
        why = "&why=role" if refused.status_code == 403 else ""
        await _answered(send, 303, refused.detail, {"Location": f"/login?next={quote(back, safe='')}{why}"})
    else:
        await _answered(send, refused.status_code, refused.detail, refused.headers or {})


async def _answered(send: Send, status: int, error: str, headers: Headers) -> None:
    body = json.dumps({"ok": False, "error": error}, ensure_ascii=False).encode()
    told = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Cache-Control": "no-store", **headers}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def address(scope: Scope) -> str:
    """Where a request comes from; of an IPv6 address, the network of 64 bits that one customer has."""
    host = (scope.get("client") or ("",))[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else host


def shown_key(headers: Headers) -> str:
    """The key that a request shows, "" for none."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def cookie(headers: Headers) -> str:
    """The session that a request shows, "" for none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def own(headers: Headers, method: str) -> None:
    """Refuse what a page of another origin has a browser do: by `Sec-Fetch-Site`, or in older browsers by `Origin`."""
    if method in SAFE:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    same = site in ("same-origin", "none") if site else origin is not None and origin.partition("://")[2] == headers.get("host")
    if not same:
        raise Refused(403, "this comes from another site, or does not say from where; programs need a key, not a session")


def _from_here(headers: Headers, method: str) -> None:
    """Refuse what does not come from this machine's own pages and programs, while the shop is open to them all."""
    host = _host(headers.get("host", ""))
    if not is_loopback(host):
        way_out = "make a key first: assortment key add SHOP NAME --role operator"
        raise Refused(403, f"without keys this server answers on this machine alone, not as '{host}'; {way_out}")
    if "sec-fetch-site" in headers or "origin" in headers:
        own(headers, method)


@lru_cache(256)
def _host(said: str) -> str:
    """The host of a header, without its port; "" for what is none."""
    try:
        return urlsplit(f"//{said}").hostname or ""
    except ValueError:
        return ""


@lru_cache(256)
def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _not_for(who: Who, roles: frozenset[str]) -> str:
    return f"'{who.name}' has the role {who.role}; this is for: {', '.join(sorted(roles))}"


def _remember(held: "OrderedDict[Any, Any]", name: object, value: object, most: int = 10_000) -> None:
    held[name] = value
    if len(held) > most:
        held.popitem(last=False)
