"""A locked shop, its keys, and browsers that keep their cookies."""

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from assortment.serve.access.gate import Gate
from assortment.serve.access.roles import ROLES
from assortment.serve.http import app
from assortment.serve.service import Service
from assortment.store.access import Access, open_access
from assortment.store.sql import Store

NOW = 1_700_000_000_000


@dataclass
class Clock:
    """Time that moves when told."""

    seconds: float = 0.0

    def __call__(self) -> int:
        return NOW + int(1000 * self.seconds)

    def ticks(self) -> float:
        return self.seconds


@dataclass
class Browser:
    """Asks over HTTP from an address, as a browser of this shop's own pages or with a key."""

    app: object
    address: str = "10.0.0.1"
    host: str = "shop"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def __call__(self, method: str, path: str, *, key: str = "", **options) -> httpx.Response:
        headers = options.pop("headers", {"Sec-Fetch-Site": "same-origin"})
        return asyncio.run(
            self._asked(method, path, {**headers, **({"Authorization": f"Bearer {key}"} if key else {})}, options)
        )

    async def _asked(self, method: str, path: str, headers: dict[str, str], options: dict) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=(self.address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=f"https://{self.host}", cookies=self.cookies) as client:
            answer = await client.request(method, path, headers=headers, **options)
            self.cookies = client.cookies
            return answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(store: Store) -> Access:
    return open_access(store)


@pytest.fixture
def keys(access: Access) -> dict[str, str]:
    """A key of each role, without limit."""
    return {role: access.add(role, role, None, NOW) for role in ROLES}


@pytest.fixture
def web(service: Service, access: Access, clock: Clock) -> object:
    """The shop as others can reach it."""
    service.clock = clock
    return app(service, gate=Gate(access, False, clock, clock.ticks))


@pytest.fixture
def browser(web: object) -> Browser:
    return Browser(web)
