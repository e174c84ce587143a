"""Who gets through which door."""

import re

import pytest

from assortment.core.errors import BadSetting, UnknownName
from assortment.serve.access.gate import Gate
from assortment.serve.access.roles import ROLES, who_may
from assortment.serve.http import app
from assortment.serve.service import Service
from assortment.store.access import Access, hashed
from tests.serve.access.conftest import NOW, Browser, Clock

EVENT = {"user": "new", "item": "t1", "kind": "view"}
DOORS = [
    ("POST", "/api/events", {"json": EVENT}, {"events", "operator"}),
    ("GET", "/api/recommend/tea1", {}, {"read", "operator"}),
    ("POST", "/api/recommend", {"json": {}}, {"read", "operator"}),
    ("GET", "/api/items/t1", {}, {"read", "operator"}),
    ("GET", "/api/items/t1/similar", {}, {"read", "operator"}),
    ("GET", "/api/search?q=tea", {}, {"read", "operator"}),
    ("POST", "/api/trace", {"json": {}}, {"operator"}),
    ("GET", "/api/users", {}, {"operator", "privacy"}),
    ("GET", "/api/users/tea1", {}, {"operator", "privacy"}),
    ("DELETE", "/api/users/nobody", {}, {"privacy"}),
    ("GET", "/api/experiments/x", {}, {"operator"}),
]


@pytest.mark.parametrize(("method", "path", "options", "may"), DOORS, ids=lambda one: one if isinstance(one, str) else "")
def test_each_role_gets_through_its_own_doors(browser: Browser, keys: dict[str, str], method, path, options, may: set[str]):
    let = {role for role, key in keys.items() if browser(method, path, key=key, **options).status_code not in (401, 403)}
    assert let == may
    refused = browser(method, path, **options)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.json()["ok"] is False


def test_every_door_of_the_api_is_told_or_the_operators(service: Service, web):
    paths = web.openapi()["paths"]
    for path, methods in paths.items():
        for method in methods:
            assert who_may(method.upper(), re.sub(r"\{.*?\}", "x", path)) <= set(ROLES)
    assert who_may("POST", "/api/something/new") == {"operator"}


def test_a_write_only_key_reads_nothing(browser: Browser, keys: dict[str, str]):
    assert browser("POST", "/api/events", key=keys["events"], json=EVENT).json()["events"] == 1
    for path in ("/api/recommend/new", "/api/users/new", "/api/items/t1", "/api/search?q=tea", "/metrics"):
        told = browser("GET", path, key=keys["events"])
        assert told.status_code in (303, 403)


def test_no_secret_is_at_rest(access: Access, keys: dict[str, str], service: Service):
    link = access.link("operator", NOW + 1)
    session = access.begin("ann", "operator", NOW + 1)
    service.store._write_back()
    kept = b"".join(file.read_bytes() for file in __import__("pathlib").Path(access.engine.url.database).parent.iterdir())
    for secret in (*keys.values(), link, session):
        assert secret.encode() not in kept
        assert hashed(secret).encode() in kept


def test_a_rotated_key_stands_for_the_overlap_and_no_longer(browser: Browser, access: Access, clock: Clock):
    old = access.add("shop", "read", 7, NOW)
    new = access.rotate("shop", 3_600_000, NOW)
    assert [one.rate for one in access.listed()] == [7, 7]
    assert {browser("GET", "/api/items/t1", key=key).status_code for key in (old, new)} == {200}
    clock.seconds = 3601
    assert browser("GET", "/api/items/t1", key=old).status_code == 401
    assert browser("GET", "/api/items/t1", key=new).status_code == 200


def test_a_revoked_key_is_refused_within_two_seconds(browser: Browser, access: Access, clock: Clock):
    key = access.add("shop", "read", None, NOW)
    assert browser("GET", "/api/items/t1", key=key).status_code == 200
    access.revoke("shop", clock())
    clock.seconds = 2.0
    assert browser("GET", "/api/items/t1", key=key).status_code == 401


def test_names_of_keys_are_used_once_and_slips_are_told(access: Access):
    access.add("shop", "read", None, NOW)
    with pytest.raises(BadSetting, match="there is a key 'shop'"):
        access.add("shop", "events", None, NOW)
    with pytest.raises(UnknownName, match="did you mean 'shop'"):
        access.revoke("shpo", NOW)
    assert access.revoke("shop", NOW + 1) == 1
    access.add("shop", "events", None, NOW + 2)
    with pytest.raises(BadSetting, match="1 to 40"):
        access.add("", "events", None, NOW)


def test_a_key_may_ask_so_often_and_then_waits(browser: Browser, access: Access, clock: Clock):
    key = access.add("shop", "read", 5, NOW)
    asked = [browser("GET", "/api/items/t1", key=key) for _ in range(11)]
    assert [answer.status_code for answer in asked] == [200] * 10 + [429]
    assert asked[-1].headers["Retry-After"] == "1"
    clock.seconds = 0.2
    assert browser("GET", "/api/items/t1", key=key).status_code == 200
    assert browser("GET", "/api/items/t1", key=key).status_code == 429


def test_guessing_is_slow_and_shuts_out_nobody_who_is_known(web, browser: Browser, keys: dict[str, str], clock: Clock):
    known, elsewhere = keys["read"], Browser(web, "10.0.0.2")
    assert browser("GET", "/api/items/t1", key=known).status_code == 200
    guesses = [browser("GET", "/api/items/t1", key=f"assortment-{guess}").status_code for guess in range(12)]
    assert guesses == [401] * 10 + [429] * 2
    right = browser("GET", "/api/users", key=keys["operator"])
    assert (right.status_code, right.headers["Retry-After"]) == (429, "6"), "a right guess is not told from a wrong one"
    assert browser("GET", "/api/items/t1", key=known).status_code == 200
    assert elsewhere("GET", "/api/users", key=keys["operator"]).status_code == 200
    clock.seconds = 6.1
    assert browser("GET", "/api/users", key=keys["operator"]).status_code == 200


def test_addresses_of_one_network_guess_together(web, keys: dict[str, str]):
    guesses = [Browser(web, f"2001:db8::{n}")("GET", "/api/users", key="wrong").status_code for n in range(11)]
    assert guesses == [401] * 10 + [429]
    assert Browser(web, "2001:db8:0:1::1")("GET", "/api/users", key="wrong").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/users/tea1/export%0A",
        "/api/users/tea1%0A",
        "/api/items/..%2Fusers%2Ftea1%0A",
        "/static/..%2f..%2fapi/users",
        "//api/users",
        "/API/users",
        "/login/../api/users",
        "/health/live/../../api/users",
    ],
)
def test_no_trick_with_a_path_gets_through(browser: Browser, keys: dict[str, str], path: str):
    answer = browser("GET", path, key=keys["events"])
    assert answer.status_code in (303, 403, 404, 422)
    assert "tea1" not in answer.text
    assert "people" not in answer.json() if answer.headers["Content-Type"] == "application/json" else True


def test_a_shop_is_open_on_this_machine_until_the_first_key(service: Service, access: Access, clock: Clock):
    web = app(service, gate=Gate(access, True, clock, clock.ticks))
    here = Browser(web, "127.0.0.1", "localhost:8000")
    assert here("GET", "/api/users").status_code == 200
    assert here("POST", "/api/events", json=EVENT, headers={}).status_code == 200
    access.add("shop", "read", None, NOW)
    clock.seconds = 2.0
    assert here("GET", "/api/users").status_code == 401
    access.revoke("shop", clock())
    clock.seconds = 4.0
    assert here("GET", "/api/users").status_code == 401, "it does not open again"


def test_an_open_shop_answers_no_stranger(service: Service, access: Access, clock: Clock):
    web = app(service, gate=Gate(access, True, clock, clock.ticks))
    rebound = Browser(web, "127.0.0.1", "evil.example")("GET", "/api/users")
    assert rebound.status_code == 403
    assert "assortment key add" in rebound.json()["error"]
    broken = {"Host": "[::1"}, {"Host": "localhost", "Origin": "http://[::1"}
    assert [Browser(web)("POST", "/api/events", json=EVENT, headers=of).status_code for of in broken] == [403, 403]
    other = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    here = Browser(web, "127.0.0.1", "127.0.0.1:8000")
    assert here("POST", "/api/events", json=EVENT, headers=other).status_code == 403
    assert here("DELETE", "/api/users/tea1", headers={"Origin": "http://localhost:9"}).status_code == 403
    assert service.store.history("new") == []


def test_where_others_can_reach_it_a_shop_is_never_open(browser: Browser):
    assert browser("GET", "/api/users").status_code == 401
    assert browser("GET", "/static/shop.css").status_code == 200
