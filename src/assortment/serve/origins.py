"""Which pages of other hosts may call the API from a browser (CORS)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from assortment.core.errors import BadSetting

PORTS = {"http": 80, "https": 443}


def origin(text: str) -> str:
    """An origin as browsers spell it; raises `BadSetting` for what is none.

    There is no "*": a shop that is open to its own machine would be open to every page that is looked at there.

    >>> origin("https://Shop.example:443/"), origin("http://localhost:3000")
    ('https://shop.example', 'http://localhost:3000')
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in PORTS or not parts.hostname or "*" in text or not bare:
        raise BadSetting(f"'{text}' is no origin; write the scheme and the host of each, as in https://shop.example")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, PORTS[parts.scheme]) else "")


class CrossOrigin:
    """An application whose API answers pages of these origins, too; its own pages are for nobody else's.

    No cookie is ever taken from there: a page shows a key in a header, which browsers do not count as credentials.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.api = CORSMiddleware(
            app,
            allow_origins=[origin(one) for one in origins],
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type"],
            expose_headers=["Retry-After", "X-Request-Id"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self.api if api else self.app)(scope, receive, send)
