"""Who looks at the pages: their id, their basket and what is to be said to them, all in cookies of the browser's own."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode

from fastapi import Request as Asked
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from assortment.core.errors import BadInput
from assortment.serve.messages import Id

PERSON, BASKET, SAID = "person", "basket", "said"
MONTH = 30 * 86_400
LINES = 40
"""How many goods a basket holds at most: a cookie has 4 kB."""

R = TypeVar("R", bound=Response)
_id = TypeAdapter(Id)


@dataclass(frozen=True)
class Line:
    """A product in the basket; slate: the one that it was taken from, "" where it was none."""

    item: str
    slate: str = ""


@dataclass(frozen=True)
class Visitor:
    """user: their id, a new one where the browser brought none; new: whether the browser has yet to be told; said: what the
    next page tells them."""

    user: str
    new: bool
    basket: tuple[Line, ...]
    said: str = ""

    @property
    def name(self) -> str:
        return "Guest" if self.user.startswith("guest-") else self.user

    @property
    def holds(self) -> frozenset[str]:
        """The ids of what is in the basket."""
        return frozenset(line.item for line in self.basket)


def visiting(asked: Asked) -> Visitor:
    """Who asks: the one that the address names, the one that the cookie names, or a new guest.

    Raises `BadInput` where the address names nobody that could be.
    """
    named = asked.query_params.get("user", "")
    if named and not _is_id(named):
        raise BadInput(f"user={named[:80]!r} is no id of a person")
    asked.state.visitor = _visitor(asked, named)
    return asked.state.visitor


def known(asked: Asked) -> Visitor:
    """Who asks, as `visiting` found where it did; whatever the address names."""
    found = getattr(asked.state, "visitor", None)
    return found if isinstance(found, Visitor) else _visitor(asked, "")


def _visitor(asked: Asked, named: str) -> Visitor:
    cookie = unquote(asked.cookies.get(PERSON, ""))
    user = named or (cookie if _is_id(cookie) else new_guest())
    basket, said = _basket(asked.cookies.get(BASKET, "")), unquote(asked.cookies.get(SAID, ""))[:200]
    return Visitor(user, user != cookie, basket, said)


def new_guest() -> str:
    return f"guest-{secrets.token_hex(8)}"


def _is_id(text: str) -> bool:
    try:
        _id.validate_python(text)
    except ValidationError:
        return False
    return True


def _basket(cookie: str) -> tuple[Line, ...]:
    """What a cookie says that the basket holds; what cannot be read is not in it."""
    pairs = parse_qsl(unquote(cookie), keep_blank_values=True)[:LINES]
    return tuple(Line(item, slate) for item, slate in pairs if _is_id(item) and (not slate or _is_id(slate)))


def remember(response: Response, name: str, value: str, seconds: int) -> None:
    """Give the browser a cookie that no script reads and no other site sends along."""
    response.set_cookie(name, quote(value, safe=""), max_age=seconds, httponly=True, samesite="lax")


def greeted(response: R, visitor: Visitor) -> R:
    """The page, with which the browser learns who it is for, and forgets what has been said."""
    if visitor.new:
        remember(response, PERSON, visitor.user, 12 * MONTH)
    if visitor.said:
        response.delete_cookie(SAID)
    return response


def put_basket(response: Response, lines: Sequence[Line]) -> None:
    remember(response, BASKET, urlencode([(line.item, line.slate) for line in lines]), MONTH)


def back_to(given: Mapping[str, str], said: str, otherwise: str = "/") -> RedirectResponse:
    """The way back to the page that a form was on, where something is said. It never leads to another site."""
    back = given.get("back", otherwise)
    here = back.startswith("/") and not back.startswith(("//", "/\\")) and "\n" not in back
    response = RedirectResponse(back if here else otherwise, 303)
    if said:
        remember(response, SAID, said, 60)
    return response


async def fields(asked: Asked) -> Mapping[str, str]:
    """The fields of a form, each once. Raises `BadInput` where another site sent it."""
    if asked.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise BadInput("this form came from another site; go to the shop and send it there")
    body = (await asked.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body, keep_blank_values=True))
