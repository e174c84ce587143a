"""The pages in a real browser, over a real server."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from assortment.store.sql import Store
from tests.browser.slates import renewed, shown, slate
from tests.serve import goods

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def test_a_server_that_fails_is_told_and_asked_again(page: Page, complaints: list[str]):
    page.route("**/api/recommend/**", lambda route: route.abort())
    page.goto("/?user=tea3")
    expect(page.get_by_role("alert")).to_contain_text("The shop does not answer just now.")
    page.unroute("**/api/recommend/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    before = slate(page)
    page.route("**/api/recommend/**", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    page.get_by_label("Variety").fill("1")
    expect(page.get_by_role("alert")).to_contain_text("(502)")
    assert slate(page) == before
    assert all("Failed to load resource" in complaint for complaint in complaints)
    complaints.clear()


def test_a_product_page_whose_server_fails_says_so(page: Page, complaints: list[str]):
    page.route("**/similar**", lambda route: route.abort())
    page.goto("/items/t1")
    expect(page.get_by_role("alert")).to_contain_text("The shop does not answer just now.")
    expect(page.get_by_text("Goes with it")).to_be_hidden()
    page.unroute("**/similar**")
    page.get_by_role("button", name="Try again").click()
    assert slate(page, "#similar")
    complaints.clear()


def test_the_focus_stays_among_the_goods(page: Page):
    page.goto("/?user=keys")
    old = shown(page)
    button = page.locator("#slate .card").nth(1).locator(".like")
    name = button.get_attribute("aria-label")
    button.focus()
    page.keyboard.press("Enter")
    renewed(page, old)
    expect(page.get_by_role("button", name=name)).to_be_focused()


def test_nothing_is_fetched_from_elsewhere(page: Page, address: str):
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url))
    for path in ("/?user=tea3", "/items/t1", "/search?q=tea", "/trace", "/me", "/docs"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert len(fetched) > 20
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in fetched} == {address}


def test_buying_takes_the_thing_from_the_next_slate(page: Page, store: Store):
    page.goto("/?user=tea4")
    old = shown(page)
    assert "t4" in slate(page)
    page.get_by_role("button", name="Buy: tea towel").click()
    assert "t4" not in renewed(page, old)
    bought = store.history("tea4")[-1]
    assert (bought.item, bought.kind, bought.slate) == ("t4", "purchase", old)


def test_hiding_takes_the_thing_away_too(page: Page, store: Store):
    page.goto("/?user=train1")
    old = shown(page)
    page.get_by_role("button", name="Hide: train track").click()
    assert "r1" not in renewed(page, old)
    assert store.history("train1")[-1].kind == "hide"


def test_a_card_says_why(page: Page):
    page.goto("/?user=tea3")
    card = page.locator("#slate .card").first
    card.get_by_text("Why this").click()
    expect(card.locator(".reason")).not_to_be_empty()
    expect(card.get_by_text("Relevance", exact=True)).to_be_visible()


def test_a_search_finds_the_product_and_its_page(page: Page):
    page.goto("/")
    page.get_by_label("Search the shop").fill("train station")
    page.get_by_label("Search the shop").press("Enter")
    page.wait_for_url("**/search?q=train+station")
    assert slate(page)[0] == "r4"
    page.get_by_role("link", name="train station").click()
    page.wait_for_url("**/items/r4**")
    expect(page.get_by_role("heading", level=1)).to_have_text("train station")
    expect(page.locator(".big.price")).to_have_text("£40.00")
    assert "r4" not in slate(page, "#similar")
    assert {item[0] for item in slate(page, "#similar")[:3]} == {"r"}


def test_looking_at_a_product_is_an_event(page: Page, store: Store):
    page.goto("/items/r0?user=looker")
    slate(page, "#similar")
    assert [(event.item, event.kind) for event in store.history("looker")] == [("r0", "view")]


def test_a_title_that_would_like_to_be_a_script_is_text(page: Page):
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto("/items/x/1")
    expect(page.get_by_role("heading", level=1)).to_have_text(goods.SCRIPT)
    page.goto("/?user=scripted")
    page.get_by_label("Search the shop").fill(goods.SCRIPT)
    page.get_by_label("Search the shop").press("Enter")
    expect(page.locator("h1")).to_have_text(goods.SCRIPT)
    slate(page)


def test_the_trace_shows_each_stage(page: Page):
    page.goto("/trace?user=tea2")
    expect(page.locator(".stage h3")).to_have_text(["Blended", "Policed", "Diversified", "Explained"])
    expect(page.locator(".stage").nth(1).locator(".went")).to_have_text("5 went")
    expect(page.locator(".way g.item")).to_have_count(8)
    expect(page.locator(".stage").last.locator("tbody tr")).to_have_count(8)
    page.get_by_label("Items").fill("3")
    expect(page.locator(".way g.item")).to_have_count(3)
    page.get_by_label("Query").fill("train station")
    expect(page.locator(".way g.item").first).to_contain_text("Train station".lower())


def test_another_person_is_picked_and_forgotten(page: Page, store: Store):
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    slate(page)
    page.get_by_role("button", name="Shopping as Guest").click()
    page.get_by_label("Look for a customer").fill("train5")
    page.get_by_role("button", name="train5").click()
    expect(page.get_by_role("button", name="Shopping as train5")).to_be_visible()
    page.get_by_role("link", name="What the shop knows of me").click()
    expect(page.locator("#summary")).to_contain_text("5 products owned")
    page.get_by_role("button", name="Forget me").click()
    expect(page.locator("#summary")).to_contain_text("Nothing yet")
    assert store.history("train5") == []


def test_a_guest_is_remembered_from_page_to_page(page: Page):
    page.goto("/")
    slate(page)
    page.get_by_role("button", name="Like: green tea").click()
    expect(page.locator("#toast")).to_contain_text("Liked")
    page.goto("/me")
    expect(page.locator("#recent li")).to_have_count(1)
    expect(page.locator("#recent")).to_contain_text("green tea")


def test_a_refusal_is_told_on_the_page(page: Page, store: Store):
    page.goto("/trace?user=tea2")
    expect(page.locator(".stage")).to_have_count(4)
    answer = page.request.get("/api/items/nothing")
    assert answer.status == 404
    page.goto("/search?q=")
    expect(page.get_by_role("heading", level=1)).to_have_text("What are you looking for?")


@pytest.mark.parametrize("page", [{"viewport": PHONE}], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/?user=tea3",
        "/?user=tea3&at_most=category:1&at_least=brand:9&apart=brand:3&floor=0.9",
        "/items/x/1?user=tea3",
        "/search?q=tea",
        "/trace?user=tea3",
        "/me?user=tea3",
        "/docs",
    ],
)
def test_nothing_is_wider_than_a_phone(page: Page, path: str):
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
