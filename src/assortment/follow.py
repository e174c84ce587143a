"""A service that is open takes up the release that was put in place last, and leaves a damaged one alone."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assortment.core.errors import AssortmentError
from assortment.core.request import Request
from assortment.serve.service import Service, wall_clock
from assortment.serve.serving import Released
from assortment.shop import Shop

EVERY = 2.0
"""Seconds between two looks at which release is to serve."""

log = logging.getLogger("assortment.serve")


class Follower:
    """Looks at a shop's folder on behalf of a service. serves: the name of the release that answers."""

    def __init__(self, shop: Shop, service: Service) -> None:
        self._shop = shop
        self._service = service
        self.serves = shop.release.name
        self._seen = shop.releases.serving.name

    def look(self) -> bool:
        """Take up the release that is to serve where that is another; whether it was taken up.

        One that is damaged, that was fitted on other goods or that cannot answer a stranger is passed over once and for all,
        and a warning is logged: what answers goes on answering.
        """
        release = self._shop.releases.serving
        if release.name == self._seen:
            return False
        self._seen = release.name
        try:
            coming = release.released
            _tried(coming)
            self._service.take_up(coming)
        except AssortmentError as error:
            log.warning("release %s is not taken up: %s; %s goes on serving", release.name, error, self.serves)
            return False
        except Exception:
            log.exception("release %s is not taken up, for it cannot answer; %s goes on serving", release.name, self.serves)
            return False
        self.serves = release.name
        log.info("release %s serves", release.name)
        return True


def _tried(release: Released) -> None:
    """Have a release answer a stranger, which also reads what it needs into memory before others wait for it."""
    release.pipeline([Request("", wall_clock())])


@contextmanager
def following(shop: Shop, service: Service, every: float = EVERY) -> Iterator[Follower]:
    """Within this block the service takes up what is put in place, a few seconds after it was."""
    follower, ended = Follower(shop, service), threading.Event()

    def follow() -> None:
        while not ended.wait(every):
            try:
                follower.look()
            except OSError as error:
                log.warning("the releases cannot be looked at: %s", error)

    thread = threading.Thread(target=follow, name="follow", daemon=True)
    thread.start()
    try:
        yield follower
    finally:
        ended.set()
        thread.join()
