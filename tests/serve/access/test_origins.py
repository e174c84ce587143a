"""Pages of other hosts, as a browser asks for them."""

import httpx
import pytest

from assortment.core.errors import BadSetting
from assortment.serve.access.gate import Gate
from assortment.serve.desk import Bounds
from assortment.serve.http import app
from assortment.serve.origins import origin
from assortment.serve.service import Service
from assortment.store.access import Access
from tests.serve.access.conftest import Browser, Clock
from tests.serve.access.test_login import entered

SHOP, OTHER = "https://shop.example", "https://evil.example"
EVENT = {"user": "new", "item": "t1", "kind": "view"}


def served(service: Service, access: Access, clock: Clock, *origins: str, here: bool = False, room: int = 256) -> Browser:
    service.clock = clock
    gate = Gate(access, here, clock, clock.ticks, frozenset(origins))
    web = app(service, gate=gate, bounds=Bounds(under_way=room), origins=origins)
    return Browser(web, host="localhost" if here else "shop")


def preflight(browser: Browser, page: str, method: str = "POST", path: str = "/api/events") -> httpx.Response:
    asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
    return browser("OPTIONS", path, headers={"Origin": page, "Sec-Fetch-Site": "cross-site", **asks})


def allowed(answer: httpx.Response) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


def test_a_page_that_is_named_asks_whether_it_may_and_does(
    service: Service, access: Access, clock: Clock, keys: dict[str, str]
):
    browser = served(service, access, clock, SHOP, "http://localhost:3000")
    asked = preflight(browser, SHOP)
    assert (asked.status_code, allowed(asked)) == (200, SHOP)
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(asked.headers["Access-Control-Allow-Headers"].lower().split(", "))
    from_there = {"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}
    told = browser("POST", "/api/events", key=keys["events"], json=EVENT, headers=from_there)
    assert (told.status_code, allowed(told)) == (200, SHOP)
    assert "Origin" in told.headers["Vary"]
    assert len(service.store.history("new")) == 1
    refused = browser("POST", "/api/events", json=EVENT, headers=from_there)
    assert (refused.status_code, allowed(refused)) == (401, SHOP), "the page can read why"
    assert allowed(preflight(browser, "http://localhost:3000")) == "http://localhost:3000"
    for answer in (asked, told, refused):
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "page", [OTHER, "http://shop.example", "https://shop.example:8443", "https://shop.example.evil", "null"]
)
def test_any_other_page_gets_no_header(service: Service, access: Access, clock: Clock, keys: dict[str, str], page: str):
    browser = served(service, access, clock, SHOP)
    asked = preflight(browser, page)
    assert (asked.status_code, allowed(asked)) == (400, None)
    told = browser("GET", "/api/recommend/tea1", key=keys["read"], headers={"Origin": page})
    assert allowed(told) is None
    assert "Origin" in told.headers["Vary"], "what a cache keeps is not given to another"


def test_nobody_is_named_unless_asked_for(service: Service, access: Access, clock: Clock, keys: dict[str, str]):
    browser = served(service, access, clock)
    assert preflight(browser, SHOP).status_code == 401
    told = browser("GET", "/api/recommend/tea1", key=keys["read"], headers={"Origin": SHOP})
    assert not any(name.lower().startswith("access-control") for name in told.headers)


def test_the_pages_and_who_is_logged_in_are_not_for_other_hosts(
    service: Service, access: Access, clock: Clock, keys: dict[str, str]
):
    browser = served(service, access, clock, SHOP)
    entered(browser, keys["privacy"])
    assert allowed(preflight(browser, SHOP, "GET", "/console")) is None
    assert allowed(browser("GET", "/me?user=tea1", headers={"Origin": SHOP})) is None
    gone = browser("DELETE", "/api/users/tea1", headers={"Origin": SHOP, "Sec-Fetch-Site": "same-site"})
    assert gone.status_code == 403
    assert service.store.history("tea1")


def test_an_open_shop_takes_what_a_named_page_sends_and_no_other(service: Service, access: Access, clock: Clock):
    browser = served(service, access, clock, SHOP, here=True)
    for page, status in ((SHOP, 200), (OTHER, 403)):
        from_there = {"Origin": page, "Sec-Fetch-Site": "cross-site"}
        assert browser("POST", "/api/events", json=EVENT, headers=from_there).status_code == status
        assert browser("POST", "/me/forget?user=tea1", headers=from_there).status_code == 403
    assert len(service.store.history("new")) == 1


def test_who_is_told_to_come_back_can_read_that(service: Service, access: Access, clock: Clock):
    browser = served(service, access, clock, SHOP, room=0)
    busy = browser("GET", "/api/search?q=tea", headers={"Origin": SHOP})
    assert (busy.status_code, allowed(busy)) == (429, SHOP)
    assert "Retry-After" in busy.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "text", ["*", "https://*.shop.example", "shop.example", "https://shop.example/path", "ftp://a", "https://", "https://a:b"]
)
def test_what_is_no_origin_is_told(text: str):
    with pytest.raises(BadSetting, match="is no origin; write the scheme and the host of each"):
        origin(text)
