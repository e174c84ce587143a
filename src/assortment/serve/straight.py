"""Routes that many ask: what is right is answered without what FastAPI works out anew for every request."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

F = TypeVar("F", bound=Callable[..., Any])


def straight(web: FastAPI, method: str, path: str, **described: Any) -> Callable[[F], F]:
    """A decorator as `web.get` is, for a route that many ask; described: as there."""

    def add(function: F) -> F:
        web.router.add_api_route(path, function, methods=[method], route_class_override=Straight, **described)
        return function

    return add


class Straight(APIRoute):
    """A route whose function is a coroutine, takes names of the path, a document as the body or the request itself, and answers
    a model or a response. It is declared and described as any other; what is wrong with a request FastAPI says, to whom it is
    handed on."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        fits = scope["method"] in (self.methods or ())
        came = await _whole(receive) if fits and self.body_field else []
        given = self._given(scope, came) if fits else None
        if given is None or self.response_field is None:
            await super().handle(scope, _again(came, receive), send)
            return
        answer = await self.endpoint(**given)
        if not isinstance(answer, Response):
            answer = Response(self.response_field.serialize_json(answer), media_type="application/json")
        await answer(scope, receive, send)

    def _given(self, scope: Scope, came: Sequence[Message]) -> dict[str, Any] | None:
        """What the function is given; None where something is wrong with it."""
        said = [(field, scope["path_params"][field.name]) for field in self.dependant.path_params]
        if self.body_field:
            try:
                said.append((self.body_field, _document(scope, came)))
            except (ValueError, RecursionError):
                return None
        given: dict[str, Any] = {}
        for field, value in said:
            given[field.name], wrong = field.validate(value)
            if wrong:
                return None
        if self.dependant.request_param_name:
            given[self.dependant.request_param_name] = Asked(scope)
        return given


async def _whole(receive: Receive) -> list[Message]:
    """All that comes of a body."""
    came = [await receive()]
    while came[-1].get("more_body"):
        came.append(await receive())
    return came


def _document(scope: Scope, came: Sequence[Message]) -> Any:
    """The body as JSON; raises `ValueError` where it is none, or does not say that it is."""
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if came[-1]["type"] != "http.request" or kind.partition(b";")[0] != b"application/json":
        raise ValueError("no document")
    return json.loads(b"".join(message.get("body", b"") for message in came))


def _again(came: Sequence[Message], receive: Receive) -> Receive:
    """What came of a request, to be received once more, and then the rest."""
    rest = iter(came)

    async def again() -> Message:
        return next(rest, None) or await receive()

    return again
