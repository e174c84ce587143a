"""The console in a real browser, over a real shop in a folder."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from assortment.config import Settings
from assortment.console import add_console
from assortment.console.review import decisions
from assortment.core.arrays import strings
from assortment.core.blend import Blend
from assortment.core.events import Event
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.explain.why import Why
from assortment.guard.policy import Policy
from assortment.longrun.simulate import simulate
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.rl.people import FAMILIES
from assortment.serve.http import app
from assortment.serve.pages import Sign
from assortment.serve.service import Service
from assortment.shop import Shop
from assortment.understand.classify import Classify
from assortment.understand.embed import Embed
from tests import world
from tests.browser.axe import faults
from tests.browser.conftest import serving
from tests.serve import goods

pytestmark = pytest.mark.browser

STAGES = (Blend((ItemNeighbours(shrink=0), Popular())), Policy(), Diversify(diversity=0.2), Why())
PLAN = Plan(STAGES, (Embed(encoder="hash:64"), Classify(encoder="hash:64", certain=1)))
PAGES = ("", "/events", "/overtime", "/longrun", "/workbench", "/releases", "/catalogue", "/review", "/people")
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two releases, a refit that had nothing to do, and a category of which three goods leave doubt."""
    made = Shop(tmp_path_factory.mktemp("console") / "shop")
    made.open(Settings("Tea & trains", "£", plan=PLAN))
    with made.store() as store:
        said = [None if place in (2, 4, 12) else kind for place, kind in enumerate(goods.catalog().column("category"))]
        titles = ["linen cloth" if title == "tea towel" else title for title in goods.catalog().column("title")]
        catalog = goods.catalog().with_column("category", strings(said)).with_column("title", strings(titles))
        store.put_catalog(catalog)
        store.append(world.purchases())
    made.fit()
    varied = (*STAGES[:2], Diversify(diversity=0.9), STAGES[3])
    made.open(replace(made.settings, plan=Plan(varied, PLAN.understand)))
    Shop(made.folder).fit()
    Shop(made.folder).refit()
    made.findings.keep(simulate(Shop(made.folder), people=40, visits=6, k=4))
    return Shop(made.folder)


@pytest.fixture(scope="module")
def service(shop: Shop) -> Iterator[Service]:
    with shop.store() as store:
        service = shop.service(store)
        for user in ("tea1", "train1"):
            answer = service.recommend(user, k=4)
            first = answer.cards[0].item.item
            store.append([Event(user, first, "click", service.clock(), slate=answer.slate)])
        yield service


@pytest.fixture(scope="module")
def address(shop: Shop, service: Service) -> Iterator[str]:
    web = app(service, Sign("Tea & trains", "£", 0.9))
    add_console(web, shop, service)
    with serving(web) as there:
        yield there


@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_nothing_serious_is_wrong_with_any_page(page: Page):
    for path in PAGES:
        page.goto(f"/console{path}")
        assert faults(page) == [], path


@pytest.mark.parametrize("page", [{"viewport": PHONE}], indirect=True)
def test_nothing_is_wider_than_a_phone(page: Page):
    for path in (*PAGES, "/workbench?user=tea1&at_most=category:1"):
        page.goto(f"/console{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path


def test_every_page_is_a_way_along_the_rail_by_keyboard(page: Page):
    page.goto("/console")
    for name in ("Live events", "Over time", "Workbench", "Releases", "Catalogue", "Review", "People"):
        page.get_by_role("navigation", name="Console").get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("navigation", name="Console").get_by_role("link", name=name)).to_have_attribute(
            "aria-current", "page"
        )


def test_the_workbench_shows_both_slates_what_it_costs_and_what_gives_way(page: Page, service: Service, lenient: None):
    shown = len(service.store.shown())
    page.goto("/console/workbench?user=tea1&k=4")
    expect(page.locator("#now .slot")).to_have_count(4)
    same = [link.inner_text() for link in page.locator("#then .slot a").all()]
    assert same == [link.inner_text() for link in page.locator("#now .slot a").all()]
    page.get_by_label("At least").select_option("9")
    expect(page.locator("#gave")).to_contain_text("At least 9 different categories: the slate has")
    page.get_by_role("slider", name="Variety").fill("0")
    expect(page.locator("#numbers")).to_contain_text("Relevance given up")
    expect(page.locator("#curve circle.other")).to_have_count(11)
    page.wait_for_url("**at_least=category%3A9*")
    assert "user=tea1" in page.url
    page.get_by_role("combobox", name="Person").fill("train1")
    page.wait_for_url("**user=train1*")
    page.goto("/console/workbench?user=tea1&about=nothing")
    expect(page.get_by_role("alert")).to_contain_text("No item 'nothing'")
    assert len(service.store.shown()) == shown


@pytest.fixture
def lenient(complaints: list[str]) -> Iterator[None]:
    """A page may answer 422, of which the console complains."""
    yield
    assert all("422" in complaint for complaint in complaints)
    complaints.clear()


def test_another_release_is_let_serve_and_answers_at_once(page: Page, shop: Shop, service: Service):
    page.goto("/console/releases")
    expect(page.locator(".release")).to_have_count(2)
    expect(page.locator(".refit").first).to_contain_text("Nothing has changed since the last fit")
    before = service.version
    page.get_by_role("button", name="serve").click()
    expect(page.locator("#toast")).to_contain_text("serves.")
    assert service.version != before
    assert Shop(shop.folder).release.fitted.version == service.version
    expect(page.locator(".release.serving")).to_contain_text("Rolled back from")


def test_what_a_person_decides_is_what_the_shop_says(page: Page, service: Service):
    page.goto("/console/review")
    expect(page.locator(".doubt")).to_have_count(3)
    row = page.locator(".doubt", has_text="linen cloth")
    row.get_by_role("button", name="Take the guess").click()
    assert row.get_by_role("combobox").input_value()
    row.get_by_role("combobox").fill("Tea")
    page.get_by_role("button", name="Keep the decisions").click()
    expect(page.locator("#toast")).to_contain_text("1 decision kept")
    expect(page.locator(".doubt")).to_have_count(2)
    assert service.item("t4").category == "Tea"
    assert service.item("x/1").category is None
    assert service.store.catalog().column("category")[4] == "Tea"


def test_a_decision_about_nothing_that_is_open_is_refused():
    assert decisions({"decide:category:t2": "Tea", "decide:price:t2": "", "other": "x"}) == {("t2", "category"): "Tea"}


def test_the_events_are_followed_while_they_happen(page: Page, service: Service):
    page.goto("/console/events")
    expect(page.get_by_label("Follow")).to_be_checked()
    service.post([Event("tea5", "t0", "favourite", service.clock())])
    expect(page.locator("#log tbody tr").first).to_contain_text("tea5", timeout=10_000)
    expect(page.locator("#log tbody tr").first).to_contain_text("liked")


def test_days_are_told_by_what_was_shown_and_taken(page: Page):
    page.goto("/console/overtime?days=7")
    expect(page.locator(".head")).to_contain_text("2 slates were shown to 2 people")
    expect(page.locator(".panel").first).to_contain_text("100 % of 2 slates.")


def test_the_long_run_is_drawn_for_each_family(page: Page):
    page.goto("/console/longrun")
    for family in FAMILIES:
        expect(page.get_by_role("heading", name=f"“{family}”")).to_be_visible()
    expect(page.locator(".keys li").first).to_have_text("relevance only")
    expect(page.locator(".courses polyline")).to_have_count(4 * len(FAMILIES) * page.locator(".keys li").count())


def test_the_console_is_for_operators_alone(browser: Browser, shop: Shop, service: Service):
    from assortment.serve.access.gate import Gate
    from assortment.store.access import open_access

    access = open_access(service.store)
    access.add("reader", "read", None, service.clock())
    web = app(service, Sign(), Gate(access, True, service.clock))
    add_console(web, shop, service)
    with serving(web) as there:
        page = browser.new_page()
        page.goto(f"{there}/console/releases")
        assert "/login?next=" in page.url
        page.close()
