"""The pages of experiments in a real browser: one that runs and one that has been stopped, each with all it can say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assortment.core.events import Event, Shown
from assortment.core.request import Wish
from assortment.core.save import load
from assortment.experiment.assign import assigned, tagged
from assortment.experiment.book import Book
from assortment.experiment.definition import Arm, Experiment
from assortment.experiment.people import DAY
from assortment.parts import known_classes
from assortment.serve.http import app
from assortment.serve.pages import Sign
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests import world
from tests.browser.axe import faults
from tests.browser.conftest import serving
from tests.serve import goods

pytestmark = pytest.mark.browser

ARMS = (Arm("as-is", wish=Wish(0)), Arm("varied", wish=Wish(1)))
RAILS = {"latency": 0.2, "orders": 0.1}
BEGAN = world.START + 60 * DAY
PHONE = {"width": 360, "height": 740}
PAGES = ("/experiments", "/experiments/runs", "/experiments/stopped", "/experiments/nobody")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """One that runs, one that was stopped after five days, and one that reached nobody."""
    book = Book(tmp_path_factory.mktemp("experiments"), lambda folder: load(folder, known_classes()))
    for name in ("runs", "stopped", "nobody"):
        book.start(Experiment(name, ARMS, guardrails=RAILS, people=300, layer=name), BEGAN)
    book.stop("stopped", BEGAN + 5 * DAY)
    return book


@pytest.fixture(scope="module")
def store(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """300 people over five days; those whose slates are varied buy more."""
    folder: Path = tmp_path_factory.mktemp("shop")
    with open_store(f"sqlite:///{folder}/shop.db") as opened:
        opened.put_catalog(goods.catalog())
        opened.append(world.purchases())
        shown, events = zip(*(_visit(book, number) for number in range(300)), strict=True)
        opened.show_all(shown)
        opened.append([event for event in events if event])
        yield opened


def _visit(book: Book, number: int) -> tuple[Shown, Event | None]:
    user, time = f"p{number}", BEGAN + number % 5 * DAY + number
    arms = {name: assigned(book.named(name), user) for name in ("runs", "stopped")}
    told = tagged("v1", [(name, arm.name) for name, arm in arms.items() if arm])
    buys = number % 2 == 0 or bool(arms["runs"] and arms["runs"].name == "varied")
    shown = Shown(f"s{number}", time, user, told, ("t0", "r0"), (1.0, 1.0), 20.0 + number % 7)
    return shown, Event(user, "t0", "purchase", time + 1, 1.0, f"s{number}") if buys else None


@pytest.fixture(scope="module")
def address(store: Store, book: Book) -> Iterator[str]:
    service = Service(goods.pipeline(), store, version="v1", book=book, clock=lambda: BEGAN + 8 * DAY)
    with serving(app(service, Sign("Tea & trains", "£", 0.2))) as there:
        yield there


@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_nothing_serious_is_wrong_with_a_page_of_experiments(page: Page):
    for path in PAGES:
        page.goto(path)
        assert faults(page) == [], path


@pytest.mark.parametrize("page", [{"viewport": PHONE}], indirect=True)
def test_nothing_is_wider_than_a_phone_and_nothing_is_wrong_there(page: Page):
    for path in PAGES:
        page.goto(path)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path


def test_both_pages_say_all_that_an_experiment_can(page: Page):
    for name, state in (("runs", "runs"), ("stopped", "ended")):
        page.goto("/experiments")
        page.get_by_role("link", name=name).click()
        expect(page.locator(".over")).to_contain_text(state)
        expect(page.get_by_role("heading", name="Every measure")).to_be_visible()
        expect(page.locator(".course svg")).to_have_count(1)
        assert {one.split()[0] for one in page.locator(".rails li").all_inner_texts()} == set(RAILS)
        expect(page.get_by_role("rowheader", name="latency")).to_be_visible()
