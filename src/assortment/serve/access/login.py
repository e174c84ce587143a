"""Logging in to the pages, with a key or through a link that is good once. There are no passwords."""

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from fastapi import FastAPI
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from assortment.serve.access.gate import COOKIE, Gate, Refused, address, cookie, own, who_asks
from assortment.serve.access.roles import PAGES
from assortment.store.access import ENTERED

HOURS = 12
"""How long a session lasts."""

FORM = 4096
"""Bytes of a form at the most."""

Page: TypeAlias = Callable[..., HTMLResponse]


def add_login(web: FastAPI, gate: Gate, page: Page) -> None:
    """Give the pages a door: `/login`, `/login/{link}` and `/logout`."""

    def door(asked: Asked, wrong: str = "", status: int = 200, **more: Any) -> HTMLResponse:
        told = {"next": local(asked.query_params.get("next", "/")), "why": asked.query_params.get("why", "")}
        return page(asked, "login.html", {**told, "who": who_asks(asked), "wrong": wrong, **more}, status)

    @web.get("/login", include_in_schema=False, response_class=HTMLResponse)
    def at_the_door(asked: Asked) -> HTMLResponse:
        return door(asked)

    @web.post("/login", include_in_schema=False, response_model=None)
    async def with_a_key(asked: Asked) -> Response:
        form = await _form(asked)
        try:
            own(asked.headers, "POST")
            await gate.fresh()
            key = gate.key(form.get("key", "").strip(), address(asked.scope))
            if key.role not in PAGES:
                raise Refused(403, f"'{key.name}' has the role {key.role}, which is for programs")
        except Refused as refused:
            await _note(gate, "", "", "was refused at the door", address(asked.scope))
            return door(asked, refused.detail, refused.status_code, next=local(form.get("next", "/")))
        return await _begun(gate, asked, key.name, key.role, form, key.number)

    @web.get("/login/{link}", include_in_schema=False, response_class=HTMLResponse)
    def with_a_link(asked: Asked, link: str) -> HTMLResponse:
        return door(asked, link=link)

    @web.post("/login/{link}", include_in_schema=False, response_model=None)
    async def through_it(asked: Asked, link: str) -> Response:
        form = await _form(asked)
        try:
            own(asked.headers, "POST")
            role = await run_in_threadpool(gate.access.use, link, gate.clock())
            if role is None:
                gate.guessed(address(asked.scope))
                raise Refused(401, "this link was used or has run out; make another: assortment key link SHOP")
        except Refused as refused:
            return door(asked, refused.detail, refused.status_code)
        return await _begun(gate, asked, "by link", role, form)

    @web.post("/logout", include_in_schema=False, response_model=None)
    async def out(asked: Asked) -> Response:
        own(asked.headers, "POST")
        secret, who = cookie(asked.headers), who_asks(asked)
        if secret:
            await run_in_threadpool(gate.access.end, secret, gate.clock())
            gate.left(secret)
            await _note(gate, who.name, who.role, "logged out")
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer


async def _begun(gate: Gate, asked: Asked, name: str, role: str, form: dict[str, str], number: int | None = None) -> Response:
    until = gate.clock() + HOURS * 3_600_000
    secret = await run_in_threadpool(gate.access.begin, name, role, until, number)
    await _note(gate, name, role, ENTERED, address(asked.scope))
    answer = RedirectResponse(local(form.get("next", "/")), 303)
    secure = asked.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, HOURS * 3600, httponly=True, samesite="strict", secure=secure)
    return answer


async def _note(gate: Gate, name: str, role: str, act: str, about: str = "") -> None:
    await run_in_threadpool(gate.access.note, gate.clock(), name, role, act, about)


async def _form(asked: Asked) -> dict[str, str]:
    """The fields of a small form, the last of each."""
    body = b""
    async for part in asked.stream():
        body += part
        if len(body) > FORM:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=8)
    return {name: values[-1] for name, values in fields.items()}


def local(path: str) -> str:
    """Where to go on to, of this shop and no other.

    >>> local("/trace?user=1"), local("//elsewhere"), local("https://elsewhere"), local("/\\\\elsewhere")
    ('/trace?user=1', '/', '/', '/')
    """
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine else "/"
