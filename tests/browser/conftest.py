"""A real browser, and a real server of the small shop."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from assortment.core.save import load
from assortment.experiment.book import Book
from assortment.parts import known_classes
from assortment.serve.http import app
from assortment.serve.pages import Sign
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests import world
from tests.serve import goods

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


@contextmanager
def serving(web: FastAPI) -> Iterator[str]:
    """The address of a server in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(web, port=0, log_level="warning"))
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


@pytest.fixture(scope="module")
def address(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the small shop, which has no experiments."""
    book = Book(tmp_path_factory.mktemp("experiments"), lambda folder: load(folder, known_classes()))
    service = Service(goods.pipeline(), store, version="v1", book=book)
    with serving(app(service, Sign("Tea & trains", "£", 0.2))) as there:
        yield there


@pytest.fixture
def complaints() -> list[str]:
    """What the console complains of; a test that makes it complain empties it."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that knows nothing yet; whatever the console complains of fails the test."""
    context = browser.new_context(base_url=address, reduced_motion="reduce", **getattr(request, "param", {}))
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
