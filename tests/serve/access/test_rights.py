"""What people may ask: what is held of them, and to be forgotten; and what they are called where names are not kept."""

from pathlib import Path

import pytest

from assortment.core.errors import BadInput
from assortment.core.pipeline import Pipeline
from assortment.ingest import ingest
from assortment.serve.access.gate import Gate
from assortment.serve.http import app
from assortment.serve.service import Service
from assortment.shop import Shop
from assortment.store.access import Access
from assortment.store.sql import Store
from assortment.store.veil import Veil, veil_store
from tests.serve.access.conftest import Browser, Clock
from tests.test_releases import EARLY, shop


def test_an_export_has_every_row(browser: Browser, keys: dict[str, str], store: Store):
    slate = browser("GET", "/api/recommend/tea1?k=3", key=keys["read"]).json()
    bought = {"user": "tea1", "item": "t5", "kind": "purchase", "slate": slate["slate"], "id": "order-1"}
    browser("POST", "/api/events", key=keys["events"], json=bought)
    browser("PUT", "/api/users/tea1/muted", key=keys["privacy"], json={"column": "category", "value": "Trains"})
    held = browser("GET", "/api/users/tea1/export", key=keys["privacy"]).json()
    assert len(held["events"]) == len(store.history("tea1"))
    assert (held["events"][-1]["item"], held["events"][-1]["id"]) == ("t5", "order-1")
    assert [one["slate"] for one in held["shown"]] == [slate["slate"]]
    assert held["shown"][0]["items"] == [card["item"] for card in slate["items"]]
    assert [(one["value"], one["muted"]) for one in held["muted"]] == [("Trains", True)]
    assert held["portrait"]["known"]
    assert browser("GET", "/api/users/tea1/export", key=keys["operator"]).status_code == 403


def test_who_is_forgotten_is_nowhere_and_has_a_receipt(browser: Browser, keys: dict[str, str], store: Store, service: Service):
    browser("GET", "/api/recommend/tea1?k=3", key=keys["read"])
    told = browser("DELETE", "/api/users/tea1", key=keys["privacy"]).json()
    assert told["removed"]["slate"] == 1
    assert told["removed"]["shown"] == 3
    assert told["removed"]["event"] > 0
    assert (store.history("tea1"), store.shown(user="tea1"), store.mutings("tea1")) == ([], [], [])
    assert not service.user("tea1").known
    folder = Path(store.engine.url.database).parent
    assert not any(b"tea1" in file.read_bytes() for file in folder.iterdir())
    last = browser("GET", "/api/audit", key=keys["privacy"]).json()[0]
    assert (last["who"], last["act"]) == ("privacy", "forgot a person")
    assert told["receipt"] in last["about"]


def test_what_an_operator_changes_is_in_the_audit_log_without_a_name(browser: Browser, keys: dict[str, str], access: Access):
    browser("PUT", "/api/users/tea1/muted", key=keys["operator"], json={"column": "category", "value": "Trains"})
    browser("PUT", "/api/users/tea1/muted", key=keys["operator"], json={"column": "category", "value": "Trians"})
    browser("POST", "/api/events", key=keys["operator"], json={"user": "tea1", "item": "t1", "kind": "view"})
    assert [entry.act for entry in access.entries(2)] == ["PUT /api/users/{user:path}/muted", "made a key"]
    assert "tea1" not in str(access.entries())


def test_where_names_are_not_kept_none_is_at_rest_and_people_are_known_all_the_same(
    pipeline: Pipeline, store: Store, access: Access, clock: Clock, keys: dict[str, str]
):
    veil = Veil(b"secret")
    plain = Service(pipeline, store).recommend("tea1", k=5)
    owned = {event.item for event in store.history("tea1")}
    assert veil_store(store, veil) > 5
    assert veil_store(store, veil) == 0
    service = Service(pipeline, store, known_as=veil)
    browser = Browser(app(service, gate=Gate(access, False, clock, clock.ticks)))
    slate = browser("GET", "/api/recommend/tea1?k=5", key=keys["read"]).json()
    assert slate["user"] == "tea1"
    assert [card["item"] for card in slate["items"]] == [card.item.item for card in plain.cards]
    view = {"user": "tea1", "item": "t5", "kind": "view"}
    assert browser("POST", "/api/events", key=keys["events"], json=[view, {**view, "user": "brand-new"}]).json()["events"] == 2
    browser("PUT", "/api/users/tea1/muted", key=keys["privacy"], json={"column": "category", "value": "Trains"})
    assert "t5" in {deed["item"] for deed in browser("GET", "/api/users/tea1", key=keys["privacy"]).json()["recent"]}
    service.among("category", "Tea", user="tea1", k=3)
    service.goes_with("t1", user="tea1") if pipeline.pairing else None
    held = browser("GET", "/api/users/tea1/export", key=keys["privacy"]).json()
    assert held["known_as"] == veil("tea1")
    assert owned <= {event["item"] for event in held["events"]}
    assert len(held["shown"]) == 3
    folder = Path(store.engine.url.database).parent
    store._write_back()
    for name in (b"tea1", b"brand-new"):
        assert not any(name in file.read_bytes() for file in folder.iterdir())
    assert browser("DELETE", "/api/users/tea1", key=keys["privacy"]).json()["removed"]["event"] == len(held["events"])
    assert store.history(veil("tea1")) == []


def test_a_shop_gives_pseudonyms_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = shop(tmp_path, EARLY)
    assert made.veil() == 100
    again = Shop(made.folder)
    assert again.settings.pseudonyms
    assert (again.folder / "people.key").stat().st_mode & 0o077 == 0
    (tmp_path / "goods.csv").write_text("id,title\ng0,green tea 0\n")
    (tmp_path / "log.csv").write_text("user,item,time\np0,g0,2024-01-01\nnew,g0,2024-01-02\n,g0,2024-01-02\n")
    again.ingest(ingest(tmp_path / "goods.csv", tmp_path / "log.csv"))
    assert not (again.folder / "rejected.jsonl").exists()
    with again.store() as store:
        assert {name for name, _ in store.people("", 999)} == {again.known_as(f"p{n}") for n in range(100)} | {
            again.known_as("new")
        }
        assert len(again.service(store).user("p0").recent) > 1
    key = (again.folder / "people.key").read_text()
    (again.folder / "people.key").unlink()
    with pytest.raises(BadInput, match="ASSORTMENT_PEOPLE_KEY"):
        _ = Shop(made.folder).known_as
    monkeypatch.setenv("ASSORTMENT_PEOPLE_KEY", key)
    assert Shop(made.folder).known_as("p0") == again.known_as("p0")
