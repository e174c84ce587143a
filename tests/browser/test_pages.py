"""The pages in a real browser, over a real server."""

import shutil
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assortment.serve.http import app
from assortment.serve.pages import Sign
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests import world
from tests.serve import goods

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("the pages are not tested: no Chromium here; get it with: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.db") as opened:
        opened.append(world.purchases())
        yield opened


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    """The address of a server of the small shop, in a thread of its own."""
    service = Service(goods.pipeline(), store, version="v1")
    server = uvicorn.Server(uvicorn.Config(app(service, Sign("Tea & trains", "£", 0.2)), port=0, log_level="warning"))
    started = threading.Event()
    startup = server.startup

    async def announced(sockets=None) -> None:
        await startup(sockets)
        started.set()

    server.startup = announced
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(30)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that knows nothing yet; whatever the console complains of fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=address, reduced_motion="reduce", **getattr(request, "param", {}))
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def slate(page: Page, grid: str = "#slate") -> list[str]:
    """The items on the slate, once it is there."""
    expect(page.locator(f"{grid}[aria-busy='false']")).to_be_visible()
    return [card.get_attribute("data-item") for card in page.locator(f"{grid} .card").all()]


def renewed(page: Page, old: str, grid: str = "#slate") -> list[str]:
    """The items once another slate than `old` has come."""
    expect(page.locator(grid)).not_to_have_attribute("data-slate", old)
    return slate(page, grid)


def shown(page: Page) -> str:
    slate(page)
    return page.locator("#slate").get_attribute("data-slate")


def test_the_slider_changes_the_slate_and_says_what_changed(page: Page):
    page.goto("/?user=tea3")
    before, old = slate(page), shown(page)
    expect(page.locator("#amount")).to_have_text("as the shop sets it")
    page.get_by_label("Variety").fill("1")
    after = renewed(page, old)
    expect(page.locator("#amount")).to_have_text("100 %")
    assert after != before
    assert sorted(after) == sorted(before)
    moved = sum(one != other for one, other in zip(before, after, strict=True))
    expect(page.locator("#changed")).to_contain_text(f"0 came, 0 went, {moved} moved")


def test_the_slider_obeys_the_keyboard(page: Page):
    page.goto("/?user=tea3")
    old = shown(page)
    page.get_by_label("Variety").press("End")
    renewed(page, old)
    expect(page.locator("#amount")).to_have_text("100 %")


def test_a_cap_holds_on_the_page(page: Page):
    page.goto("/?user=tea3")
    old = shown(page)
    page.get_by_label("At most").select_option("1")
    after = renewed(page, old)
    assert len(after) == 3
    assert len({item[0] for item in after}) == 3


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
    "path", ["/?user=tea3", "/items/x/1?user=tea3", "/search?q=tea", "/trace?user=tea3", "/me?user=tea3", "/docs"]
)
def test_nothing_is_wider_than_a_phone(page: Page, path: str):
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
