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
    page.goto("/?user=tea3")
    before = slate(page)
    page.route("**/?*diversity=1", lambda route: route.abort())
    page.get_by_label("Variety").fill("1")
    expect(page.get_by_role("alert")).to_contain_text("The shop does not answer just now.")
    assert slate(page) == before
    page.unroute("**/?*diversity=1")
    old = shown(page)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    renewed(page, old)
    page.route("**/?*", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    page.get_by_label("Variety").fill("0")
    expect(page.get_by_role("alert")).to_contain_text("(502)")
    assert all("Failed to load resource" in complaint for complaint in complaints)
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
    for path in ("/?user=tea3", "/items/t1", "/kinds", "/search?q=tea", "/trace", "/me", "/docs"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert len(fetched) > 20
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in fetched} == {address}


def test_what_is_bought_from_the_basket_is_in_no_next_slate(page: Page, store: Store):
    page.goto("/?user=tea4")
    old = shown(page)
    assert "t4" in slate(page)
    page.get_by_role("button", name="Add to basket: tea towel").click()
    renewed(page, old)
    expect(page.locator("#toast")).to_have_text("In your basket.")
    expect(page.get_by_role("link", name="In your basket: tea towel")).to_be_focused()
    page.get_by_role("link", name="Basket 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 product in your basket")
    page.get_by_role("button", name="Buy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is in your basket.")
    put, bought = store.history("tea4")[-2:]
    assert (put.item, put.kind, put.slate) == ("t4", "cart", old)
    assert (bought.item, bought.kind, bought.slate) == ("t4", "purchase", old)
    page.goto("/")
    assert "t4" not in slate(page)


def test_what_is_taken_out_of_the_basket_is_not_bought(page: Page, store: Store):
    page.goto("/items/r1?user=picker")
    page.get_by_role("button", name="Add to basket: train track").click()
    expect(page.get_by_role("link", name="In your basket: train track")).to_be_visible()
    page.goto("/basket")
    expect(page.locator(".sum")).to_contain_text("£12.00")
    page.get_by_role("button", name="Take out: train track").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is in your basket.")
    assert "purchase" not in [event.kind for event in store.history("picker")]


def test_a_kind_of_goods_has_a_page_of_its_own(page: Page):
    page.goto("/kinds?user=tea3")
    page.get_by_role("link", name="Trains", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    assert sorted(slate(page)) == ["r0", "r1", "r2", "r3", "r4", "r5"]
    page.goto("/kinds/brand/iron")
    assert sorted(slate(page)) == ["r0", "r1", "t5"]
    old = shown(page)
    page.get_by_label("Variety").fill("1")
    renewed(page, old)


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


def test_a_person_is_forgotten(page: Page, store: Store):
    page.goto("/?user=train5")
    expect(page.locator("#who")).to_have_text("train5")
    page.get_by_role("link", name="Shopping as train5").click()
    expect(page.locator("#summary")).to_contain_text("5 products owned")
    page.get_by_text("Forget me").click()
    page.get_by_role("button", name="Remove everything").click()
    expect(page.locator("#toast")).to_contain_text("Forgotten: 5 events")
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
    assert page.request.get("/api/items/nothing").status == 404
    page.goto("/search?q=")
    expect(page.get_by_role("heading", level=1)).to_have_text("What are you looking for?")


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_the_shop_works_without_scripts(page: Page, store: Store):
    page.goto("/?user=scriptless")
    page.locator("#more > summary").click()
    page.get_by_label("At most").select_option("1")
    page.get_by_role("button", name="Show").click()
    assert len(slate(page)) == 3
    expect(page.locator("#achieved")).to_contain_text("at most 1 of one category")
    expect(page.get_by_label("At most")).to_have_value("1")
    page.get_by_role("button", name="Like: green tea").click()
    expect(page.get_by_label("At most")).to_have_value("1")
    expect(page.locator("#toast")).to_contain_text("Liked")
    page.goto("/items/t1")
    page.get_by_role("button", name="Add to basket: black tea").click()
    page.goto("/basket")
    page.get_by_role("button", name="Buy").click()
    assert [event.kind for event in store.history("scriptless")] == ["favourite", "view", "cart", "purchase"]


@pytest.mark.parametrize("page", [{"viewport": PHONE}], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/?user=tea3",
        "/?user=tea3&at_most=category:1&at_least=brand:9&apart=brand:3&floor=0.9",
        "/items/x/1?user=tea3",
        "/kinds",
        "/kinds/category/Tea",
        "/basket",
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
