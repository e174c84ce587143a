"""Logging in to the pages."""

import pytest

from assortment.store.access import Access
from tests.serve.access.conftest import NOW, Browser, Clock


def entered(browser: Browser, key: str) -> None:
    answer = browser("POST", "/login", data={"key": key, "next": "/trace"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/trace"), answer.text


def test_a_page_leads_to_the_door_and_back(browser: Browser, keys: dict[str, str]):
    away = browser("GET", "/search?q=red+tea")
    assert (away.status_code, away.headers["Location"]) == (303, "/login?next=%2Fsearch%3Fq%3Dred%2Btea")
    door = browser("GET", away.headers["Location"])
    assert 'value="/search?q=red+tea"' in door.text
    answer = browser("POST", "/login", data={"key": keys["operator"], "next": "/search?q=red+tea"})
    assert answer.headers["Location"] == "/search?q=red+tea"
    assert browser("GET", "/search?q=red+tea").status_code == 200


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_sees(browser: Browser, keys: dict[str, str]):
    cookie = browser("POST", "/login", data={"key": keys["operator"]}).headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/", "Max-Age=43200"):
        assert part in cookie


def test_a_session_may_what_its_role_may(browser: Browser, keys: dict[str, str]):
    entered(browser, keys["operator"])
    assert browser("GET", "/api/users").status_code == 200
    assert browser("DELETE", "/api/users/tea1").status_code == 403
    assert browser("POST", "/logout").status_code == 303
    assert browser("GET", "/api/users").status_code == 401
    entered(browser, keys["privacy"])
    assert browser("DELETE", "/api/users/tea1").status_code == 200
    away = browser("GET", "/trace")
    assert away.headers["Location"] == "/login?next=%2Ftrace&why=role"
    assert "for another role" in browser("GET", away.headers["Location"]).text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil"}, {}]
)
def test_another_site_cannot_act_for_who_is_logged_in(browser: Browser, keys: dict[str, str], headers: dict[str, str]):
    entered(browser, keys["privacy"])
    for method, path in (("DELETE", "/api/users/tea1"), ("POST", "/logout"), ("POST", "/login"), ("POST", "/login/x")):
        assert browser(method, path, headers=headers, data={"key": keys["operator"]}).status_code == 403, path
    assert browser("GET", "/api/users/tea1").json()["known"]
    assert browser("DELETE", "/api/users/tea1", headers={"Origin": "https://shop"}).status_code == 200


def test_a_link_is_good_once(web, access: Access):
    link = access.link("operator", NOW + 1000)
    first, second = Browser(web), Browser(web)
    assert "good once" in first("GET", f"/login/{link}").text
    assert first("POST", f"/login/{link}").status_code == 303
    assert first("GET", "/trace").status_code == 200
    again = second("POST", f"/login/{link}")
    assert again.status_code == 401
    assert "assortment key link" in again.text
    assert second("GET", "/trace").status_code == 303


def test_links_and_sessions_run_out(web, browser: Browser, access: Access, keys: dict[str, str], clock: Clock):
    link = access.link("operator", NOW + 1000)
    entered(browser, keys["operator"])
    clock.seconds = 1.001
    assert Browser(web)("POST", f"/login/{link}").status_code == 401
    clock.seconds = 12 * 3600 + 1
    assert browser("GET", "/api/users").status_code == 401


def test_a_session_ends_with_its_key(browser: Browser, access: Access, keys: dict[str, str], clock: Clock):
    entered(browser, keys["operator"])
    assert browser("GET", "/api/users").status_code == 200
    access.revoke("operator", clock())
    clock.seconds = 2.0
    assert browser("GET", "/api/users").status_code == 401


def test_keys_of_programs_and_wrong_ones_stay_outside(browser: Browser, access: Access, keys: dict[str, str]):
    assert browser("POST", "/login", data={"key": keys["read"]}).status_code == 403
    assert [browser("POST", "/login", data={"key": f"no{n}"}).status_code for n in range(12)] == [401] * 10 + [429] * 2
    assert browser("POST", "/login", data={"key": "x" * 5000}).status_code == 429
    assert {entry.act for entry in access.entries(20)} >= {"was refused at the door"}


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil"])
def test_the_door_leads_to_this_shop_alone(browser: Browser, keys: dict[str, str], elsewhere: str):
    answer = browser("POST", "/login", data={"key": keys["operator"], "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_the_audit_log_says_who_came_and_went(browser: Browser, access: Access, keys: dict[str, str]):
    entered(browser, keys["operator"])
    browser("POST", "/logout")
    assert [(entry.who, entry.role, entry.act) for entry in access.entries(2)] == [
        ("operator", "operator", "logged out"),
        ("operator", "operator", "logged in"),
    ]
    assert access.entries(99)[-1].act == "made a key"
    assert access.entered


def test_the_door_is_a_page_without_scripts(browser: Browser):
    door = browser("GET", "/login?next=%22%3E%3Cscript%3E")
    assert "<script" not in door.text
    assert "form-action 'self'" in door.headers["Content-Security-Policy"]
