"""The service over its HTTP."""

import json
import math
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadSetting
from assortment.core.events import KINDS
from assortment.core.pipeline import Pipeline
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.serve.http import LARGEST_BODY, app, serve
from assortment.serve.messages import SlateOut
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests import world
from tests.serve import goods
from tests.serve.conftest import Web

ROOT = Path(__file__).parent.parent.parent
JSON = {"Content-Type": "application/json"}


def items(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [card["item"] for card in answer.json()["items"]]


def refused(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"ok", "error"}
    assert answer.json()["ok"] is False
    assert words in answer.json()["error"]


# The loop, end to end


def test_an_event_posted_changes_the_next_slate(web: Web, store: Store):
    first = web("GET", "/api/recommend/tea3?k=13")
    assert "t3" in items(first)
    bought = {"user": "tea3", "item": "t3", "kind": "purchase", "value": 2, "slate": first.json()["slate"]}
    assert web("POST", "/api/events", json=bought).json() == {"ok": True, "events": 1, "again": 0}
    assert "t3" not in items(web("GET", "/api/recommend/tea3?k=13"))
    last = store.history("tea3")[-1]
    assert (last.item, last.kind, last.value, last.slate) == ("t3", "purchase", 2.0, first.json()["slate"])


def test_a_list_of_events_is_taken_whole_or_not_at_all(web: Web, store: Store):
    view = {"user": "new", "item": "t1", "kind": "view"}
    refused(web("POST", "/api/events", json=[view, {**view, "item": "t10"}]), 404, "no item 't10'; did you mean 't1'?")
    refused(web("POST", "/api/events", json=[view, {**view, "kind": "veiw"}]), 422, "1.kind: no kind of event 'veiw'")
    assert store.history("new") == []
    assert web("POST", "/api/events", json=[view, view]).json() == {"ok": True, "events": 2, "again": 0}
    assert len(store.history("new")) == 2


def test_every_kind_of_event_is_taken(web: Web, store: Store):
    for kind in KINDS:
        assert web("POST", "/api/events", json={"user": "new", "item": "t1", "kind": kind}).status_code == 200
    assert [event.kind for event in store.history("new")] == list(KINDS)


def test_a_slate_over_http_is_the_one_of_the_service(web: Web, service: Service):
    answer = web("GET", "/api/recommend/train2", params={"k": 4, "diversity": 0.5, "at_most": ["brand:1", "category:2"]})
    body = {"user": "train2", "k": 4, "wish": {"diversity": 0.5, "at_most": {"brand": 1, "category": 2}}}
    assert items(answer) == items(web("POST", "/api/recommend", json=body))
    card = answer.json()["items"][0]
    assert set(card) > {"item", "title", "price", "category", "place", "score", "from", "why", "relevance", "propensity"}
    assert "source" not in card
    assert [card["place"] for card in answer.json()["items"]] == [1, 2, 3, 4]
    categories = [card["category"] for card in answer.json()["items"]]
    assert max(categories.count(category) for category in categories) <= 2


def test_the_whole_contract_reaches_the_slate_both_ways_and_comes_back_with_what_was_met(web: Web):
    wish = {"diversity": 0.5, "at_most": {"brand": 0.5}, "at_least": {"category": 99}, "apart": {"brand": 2}, "floor": 0.01}
    parts = {name: [f"{column}:{amount}" for column, amount in wish[name].items()] for name in ("at_most", "at_least", "apart")}
    answer = web("GET", "/api/recommend/train2", params={**wish, **parts, "k": 4})
    assert items(answer) == items(web("POST", "/api/recommend", json={"user": "train2", "k": 4, "wish": wish}))
    terms = answer.json()["terms"]
    assert terms["achieved"]["at_most brand"] <= 2
    assert terms["achieved"]["apart brand"] >= 2
    (gave_way,) = terms["gave_way"]
    assert (gave_way["part"], gave_way["wanted"]) == ("at_least category", 99)
    assert gave_way["got"] == terms["achieved"]["at_least category"]
    assert 0 <= terms["cost"] <= 1


@pytest.mark.parametrize("address", ["/api/recommend/tea3?at_least=category:99", "/api/recommend/new?k=1", "/api/search?q=tea"])
def test_a_slate_goes_out_as_its_model_would_write_it(web: Web, address: str):
    told = web("GET", address).content
    assert SlateOut.model_validate_json(told).model_dump_json(by_alias=True).encode() == told


def test_a_request_may_be_about_goods_or_words_and_at_a_moment(web: Web):
    assert "t1" not in items(web("GET", "/api/recommend/new?about=t1&about=t2&k=5"))
    assert items(web("GET", "/api/recommend/new?query=train%20station&k=1")) == ["r4"]
    dated = web("POST", "/api/recommend", json={"k": 1, "time": world.START, "context": {"page": "home"}})
    assert (dated.json()["time"], dated.json()["user"]) == (world.START, "")


def test_strangers_get_a_sensible_slate(web: Web):
    assert len(items(web("GET", "/api/recommend/nobody-knows-me?k=3"))) == 3
    assert len(items(web("POST", "/api/recommend", json={}))) == 10


def test_ids_may_hold_slashes_spaces_and_any_letters(web: Web):
    assert web("GET", "/api/items/x/1").json()["title"] == goods.SCRIPT
    assert "x/1" not in items(web("GET", "/api/items/x/1/similar"))
    for user in ("über/mich", "小明 ☕", "a b&c=d"):
        place = str(httpx.URL("/").copy_with(path=f"/api/users/{user}"))
        assert web("POST", "/api/events", json={"user": user, "item": "x/1", "kind": "view"}).status_code == 200
        assert web("GET", place).json()["recent"][0]["item"] == "x/1"
        told = web("DELETE", place).json()
        assert (told["ok"], told["user"]) == (True, user)
        assert told["removed"] == {"event": 1, "shown": 0, "slate": 0, "mute": 0, "person": 0}
        assert web("GET", place).json()["known"] is False


def test_a_person_mutes_a_kind_and_takes_it_back(web: Web):
    place = str(httpx.URL("/").copy_with(path="/api/users/über/mich/muted"))
    answer = web("PUT", place, json={"column": "category", "value": "Odd & ends"}).json()
    assert (answer["ok"], answer["user"]) == (True, "über/mich")
    assert [(one["column"], one["value"], one["goods"]) for one in answer["muted"]] == [("category", "Odd & ends", 1)]
    assert "x/1" not in items(web("GET", "/api/recommend/über/mich?k=13"))
    assert web("PUT", place, json={"column": "category", "value": "Odd & ends", "muted": False}).json()["muted"] == []
    assert "x/1" in items(web("GET", "/api/recommend/über/mich?k=13"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"column": "category", "value": "Teas"}, "no category 'Teas'; did you mean 'Tea'?"),
        ({"column": "categry", "value": "Tea"}, "no column to mute in 'categry'; did you mean 'category'?"),
        ({"column": "category"}, "value: field required"),
        ({"column": "category", "value": "Tea", "mute": True}, "no field 'mute'; did you mean 'muted'?"),
    ],
)
def test_a_mute_that_cannot_be_is_told(web: Web, body: dict, says: str):
    answer = web("PUT", "/api/users/tea3/muted", json=body)
    assert (answer.status_code, answer.json()) == (422, {"ok": False, "error": says})


def test_goods_people_and_health_are_told(web: Web):
    assert web("GET", "/api/items/t0").json() == {
        "item": "t0", "title": "green tea", "price": 3.0, "category": "Tea", "image": None, "columns": {"brand": "leaf"}
    }  # fmt: skip
    assert web("GET", "/api/users?contains=TEA1").json() == {"people": [{"user": "tea1", "events": 5}]}
    assert web("GET", "/api/users/tea1").json()["tastes"] == {"Tea": 1.0}
    assert items(web("GET", "/api/search?q=train+bridge&k=1&user=tea1")) == ["r2"]
    assert web("GET", "/api/health").json() == {"ok": True, "version": "v1", "items": 13}


def test_a_trace_says_what_came_and_went(web: Web, store: Store):
    trace = web("POST", "/api/trace", json={"user": "tea3", "k": 3}).json()
    assert [stage["stage"] for stage in trace["stages"]] == ["Blended", "Policed", "Diversified", "Explained"]
    assert [stage["count"] for stage in trace["stages"]][1:] == [8, 3, 3]
    assert "z:Popular" in trace["stages"][0]["items"][0]["notes"]
    assert store.shown() == []


def test_what_is_not_a_number_leaves_as_null(web: Web):
    def no_constant(name: str):
        raise AssertionError(f"{name} is not JSON")

    answer = web("GET", "/api/items/x/1")
    assert json.loads(answer.text, parse_constant=no_constant)["price"] is None


# Bad input


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/recommend/a?k=0", 422, "k: input should be greater than or equal to 1"),
        ("/api/recommend/a?k=1000000000", 422, "k: input should be less than or equal to 1000"),
        ("/api/recommend/a?k=ten", 422, "k: input should be a valid integer"),
        ("/api/recommend/a?diversity=2", 422, "diversity: input should be less than or equal to 1"),
        ("/api/recommend/a?diversity=nan", 422, "diversity: input should be"),
        ("/api/recommend/a?divrsity=1", 422, "no field 'divrsity'; did you mean 'diversity'?"),
        ("/api/recommend/a?at_most=brnd:2", 422, "no column 'brnd'; did you mean 'brand'?"),
        ("/api/recommend/a?at_most=brand", 422, "'brand' is not COLUMN:NUMBER, as in brand:2"),
        ("/api/recommend/a?at_most=brand:0", 422, "at_most brand=0; it must be 1 or more, and whole, or a share"),
        ("/api/recommend/a?at_most=brand:" + "9" * 5000, 422, "is not COLUMN:NUMBER, as in brand:2"),
        ("/api/recommend/a?at_most=price:2", 422, "column 'price' holds numbers"),
        ("/api/recommend/a?at_most=vector:2", 422, "column 'vector' holds vectors"),
        ("/api/recommend/a?at_least=vector:2", 422, "column 'vector' holds vectors; at_least counts labels"),
        ("/api/recommend/a?apart=vector:2", 422, "column 'vector' holds vectors"),
        ("/api/recommend/a?about=t77", 404, "no item 't77'"),
        ("/api/recommend/a?query=" + "x" * 1001, 422, "query: string should have at most 1000 characters"),
        ("/api/recommend/" + "u" * 251, 422, "user: string should have at most 250 characters"),
        ("/api/recommend/a%00b", 422, "user: holds a control character"),
        ("/api/items/t77", 404, "no item 't77'; the shop has 13 items"),
        ("/api/items/t77/similar", 404, "no item 't77'"),
        ("/api/search", 422, "q: field required"),
        ("/api/search?q=", 422, "q: string should have at least 1 character"),
        ("/api/search?q=++", 422, "a search needs words"),
        ("/api/users?most=0", 422, "most: input should be"),
        ("/api/nothing", 404, "nothing is at /api/nothing"),
    ],
)
def test_a_bad_address_is_told(web: Web, address: str, status: int, words: str):
    refused(web("GET", address), status, words)


GOOD = {"user": "a", "item": "t1", "kind": "view"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**GOOD, "user": 5}, "user: input should be a valid string"),
        ({**GOOD, "user": ""}, "user: string should have at least 1 character"),
        ({**GOOD, "user": "\ud800"}, "user: input should be a valid string"),
        ({**GOOD, "kind": None}, "kind: input should be a valid string"),
        ({"user": "a", "item": "t1"}, "kind: field required"),
        ({**GOOD, "value": math.nan}, "value: input should be"),
        ({**GOOD, "value": 1e300}, "value: input should be"),
        ({**GOOD, "time": 1_700_000_000}, "times are in milliseconds since 1970, not in seconds"),
        ({**GOOD, "time": 10**30}, "more than a day from now"),
        ({**GOOD, "time": "yesterday"}, "time: input should be a valid integer"),
        ({**GOOD, "itm": "t1"}, "no field 'itm'; did you mean 'item'?"),
        ([], "list should have at least 1 item"),
        ([GOOD, 7], "1: input should be a valid dictionary"),
        ("view", "input should be a valid dictionary"),
        (None, ""),
    ],
)
def test_a_bad_event_is_told_with_its_field(web: Web, store: Store, body: object, words: str):
    refused(web("POST", "/api/events", content=json.dumps(body), headers=JSON), 422, words)
    assert store.history("a") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"k": 0}, "k: input should be greater"),
        ({"wish": {"diversity": "much"}}, "wish.diversity: input should be a valid number"),
        ({"wish": {"at_most": {"brand": 0}}}, "at_most brand=0; it must be 1 or more"),
        ({"wish": {"at_least": {"brand": 1.5}}}, "at_least brand=1.5; it must be a whole number"),
        ({"wish": {"apart": {"brand": 1}}}, "apart brand is 1; it goes from 2"),
        ({"wish": {"at_most": {"brand": 1e300}}}, "at_most brand=1e+300"),
        ({"wish": {"at_most": {str(n): 1 for n in range(9)}}}, "at_most: dictionary should have at most 8 items"),
        ({"wish": {"at_mots": {}}}, "wish: no field 'at_mots'; did you mean 'at_most'?"),
        ({"about": "t1"}, "about: input should be a valid list"),
        ({"time": 12}, "time: input should be greater"),
        ({"time": 10**30}, "more than a day from now"),
        (["t1"], "input should be a valid dictionary"),
    ],
)
def test_a_bad_request_is_told_with_its_field(web: Web, body: object, words: str):
    for path in ("/api/recommend", "/api/trace"):
        refused(web("POST", path, json=body), 422, words)


def test_what_is_not_json_is_told(web: Web):
    refused(web("POST", "/api/events", content="{'user': 1}", headers=JSON), 422, "the body is not JSON")
    refused(web("POST", "/api/events", content=b"\xff\xfe\x00", headers=JSON), 422, "the body is not JSON in UTF-8")
    refused(web("POST", "/api/events", content="user=a", headers={"Content-Type": "text/plain"}), 422, "")
    refused(web("PUT", "/api/events", json=GOOD), 405, "PUT is not for /api/events")


def test_a_huge_body_is_refused_whether_or_not_it_says_so(web: Web):
    huge = b'["' + b"x" * LARGEST_BODY + b'"]'

    async def in_parts():
        for start in range(0, len(huge), 1 << 16):
            yield huge[start : start + (1 << 16)]

    refused(web("POST", "/api/events", content=huge, headers=JSON), 413, "larger than 1048576 bytes; send it in parts")
    refused(web("POST", "/api/events", content=in_parts(), headers=JSON), 413, "larger than 1048576 bytes")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_server(echoed: Web, user: str, item: str):
    body = json.dumps({"user": user, "item": item, "kind": "view"})
    assert echoed("POST", "/api/events", content=body, headers=JSON).status_code in (200, 404, 422)
    assert (
        echoed("POST", "/api/recommend", content=json.dumps({"query": user, "about": [item]}), headers=JSON).status_code < 500
    )


@pytest.fixture(scope="module")
def echoed(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory):
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('log')}/shop.db") as opened:
        yield QuietWeb(Service(pipeline, opened))


class QuietWeb(Web):
    def __repr__(self) -> str:
        return "web"


# When the log cannot be written


def test_a_locked_log_answers_503_and_works_again_after(pipeline: Pipeline, store: Store):
    file = store.engine.url.database
    with open_store(f"sqlite:///{file}?timeout=0.2") as hasty, closing(sqlite3.connect(file, isolation_level=None)) as other:
        web = Web(Service(pipeline, hasty))
        other.execute("BEGIN IMMEDIATE")
        for answer in (web("POST", "/api/events", json=GOOD), web("GET", "/api/recommend/tea0"), web("DELETE", "/api/users/a")):
            refused(answer, 503, "another program is writing to it")
            assert answer.headers["Retry-After"] == "1"
        assert web("GET", "/api/users/tea0").json()["known"] is True, "reading goes on"
        other.execute("ROLLBACK")
        assert web("POST", "/api/events", json=GOOD).status_code == 200
    assert [event.item for event in store.history("a")] == ["t1"]


def test_a_log_that_can_only_be_read_is_told(pipeline: Pipeline, store: Store, tmp_path: Path):
    with open_store(f"sqlite:///file:{tmp_path}/shop.db?mode=ro&uri=true") as readable:
        web = Web(Service(pipeline, readable))
        refused(web("POST", "/api/events", json=GOOD), 503, "it can only be read; give write permission")
        refused(web("GET", "/api/recommend/tea0"), 503, "it can only be read")
        assert web("GET", "/api/health").status_code == 200


@dataclass(frozen=True, eq=False)
class Broken:
    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        raise RuntimeError("a secret of the house")


def test_a_broken_stage_is_told_without_its_secrets(pipeline: Pipeline, store: Store, caplog: pytest.LogCaptureFixture):
    web = Web(Service(Pipeline((Broken(),), pipeline.catalog), store))
    refused(web("GET", "/api/recommend/a"), 500, "something broke in the server; its log says what")
    assert "a secret of the house" in caplog.text


# The description and the pages


def test_the_api_describes_itself(web: Web):
    told = web("GET", "/openapi.json").json()
    calls = [(path, method, call) for path, methods in told["paths"].items() for method, call in methods.items()]
    assert len(calls) == 23
    for path, method, call in calls:
        assert call["summary"], (path, method)
        assert call["description"], (path, method)
        assert all(field.get("description") for field in call.get("parameters", [])), (path, method)
        assert call["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Failure")
        assert call["responses"]["200"]["content"]["application/json"]["schema"], (path, method)
    page = web("GET", "/docs").text
    assert all(path in page for path, _, _ in calls)


def test_titles_are_escaped_on_every_page(web: Web):
    page = web("GET", "/items/x/1").text
    assert goods.SCRIPT not in page
    assert "&lt;script&gt;alert" in page
    assert "<script>" not in web("GET", "/search", params={"q": "<script>"}).text.replace('<script type="module"', "")


@pytest.mark.parametrize("path", ["/", "/search?q=tea", "/items/t0", "/trace", "/me", "/docs"])
def test_pages_load_nothing_from_elsewhere(web: Web, path: str):
    page = web("GET", path)
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert not re.search(r'(src|href|action)="?(https?:)?//', page.text)


def test_a_page_that_fails_is_a_page(web: Web):
    page = web("GET", "/items/t77")
    assert page.status_code == 404
    assert "no item &#39;t77&#39;" in page.text
    assert web("GET", "/nothing").headers["Content-Type"].startswith("text/html")


# A real server


PROGRAM = """
import sys
from assortment.serve.http import app, serve
from assortment.serve.service import Service
from assortment.store.sql import open_store
from tests.serve import goods
with open_store(sys.argv[1]) as store:
    serve(app(Service(goods.pipeline(), store)), 0, opened=lambda address: print(address, flush=True))
print("closed", flush=True)
"""


def test_a_real_server_answers_many_at_once_and_stops_when_told(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/shop.db"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, url]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().strip()

        def shop(guest: int) -> list[int]:
            with httpx.Client(base_url=address, timeout=30) as client:
                event = {"user": f"guest{guest % 2}", "item": f"t{guest}", "kind": "view"}
                calls = [lambda: client.post("/api/events", json=event), lambda: client.get(f"/api/recommend/guest{guest % 2}")]
                return [call().status_code for _ in range(10) for call in calls]

        with ThreadPoolExecutor(4) as pool:
            assert [status for statuses in pool.map(shop, range(4)) for status in statuses] == [200] * 80
        server.send_signal(signal.SIGTERM)
        assert server.stdout.read() == "closed\n"
        assert server.wait(20) == 0
    with open_store(url) as store:
        assert len(store.history("guest0")) + len(store.history("guest1")) == 40


def test_a_taken_port_is_told(service: Service):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSetting, match=f"port {port} of 127.0.0.1 cannot be opened: it is taken; choose another"):
            serve(app(service), port)
