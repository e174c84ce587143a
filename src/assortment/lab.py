"""The experiments of a shop: begun with pipelines of their own where the arms need them, and read from the shop's log."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from assortment.core.errors import BadInput, did_you_mean
from assortment.core.progress import tell
from assortment.core.save import save
from assortment.experiment.book import Book
from assortment.experiment.definition import Experiment
from assortment.experiment.people import BEFORE
from assortment.experiment.power import Needed, needed
from assortment.experiment.readout import Readout, read_out, usual
from assortment.shop import Shop
from assortment.store.sql import Store


@dataclass(frozen=True)
class Lab:
    """What can be done with the experiments of a shop, whether it is open or not."""

    shop: Shop

    @property
    def book(self) -> Book:
        return self.shop.book

    def start(self, experiment: Experiment, beside: Path = Path()) -> Experiment:
        """Begin an experiment now. Where an arm has settings or a release of its own, all arms get pipelines that stay as they
        are until the end, the others a copy of what serves, so that a later fit does not favour an arm.

        beside: the folder in which the settings files of arms lie.
        """
        self.shop.pipeline  # noqa: B018 - raises where nothing is fitted
        if not any(arm.settings or arm.release for arm in experiment.arms):
            return self.book.start(experiment, _now())
        with self._making() as folder:
            for done, arm in enumerate(experiment.arms):
                tell("arms", done, len(experiment.arms))
                self._pipeline(arm.release, beside / arm.settings if arm.settings else None, folder / arm.name)
            return self.book.start(experiment, _now(), {arm.name: folder / arm.name for arm in experiment.arms})

    @contextmanager
    def _making(self) -> Iterator[Path]:
        folder = self.book.folder / f".making-{uuid4().hex[:6]}"
        try:
            folder.mkdir(parents=True)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _pipeline(self, release: str, settings: Path | None, into: Path) -> None:
        """Put a pipeline into a folder: fitted with settings, or as a release, or as what serves, is."""
        if settings is not None:
            chosen = self.shop.read(settings)
            save(chosen.plan.fit(self.shop.dataset(), np.random.default_rng(chosen.seed)), into)
            return
        fits = sorted(folder.parent.name for folder in (self.shop.folder / "model").glob("*/pipeline"))
        wanted = release or (self.shop.folder / "model" / "serving").read_text(encoding="utf-8").strip()
        name = next((name for name in fits if name == wanted or name.split("-")[0] == wanted), None)
        if name is None:
            raise did_you_mean("release", wanted, fits)
        shutil.copytree(self.shop.folder / "model" / name / "pipeline", into, copy_function=_linked)

    def stop(self, name: str) -> Experiment:
        """End an experiment now; its pipelines stay until its folder is removed."""
        return self.book.stop(name, _now())

    def status(self, name: str, store: Store) -> Readout:
        """What an experiment says by now."""
        experiment = self.book.named(name)
        catalog, since = self.shop.pipeline.catalog, max(0, experiment.began - BEFORE)
        return read_out(experiment, store.shown(), store.events(catalog.ids, since), catalog, _now())

    def power(self, measure: str, effect: float, arms: int = 2, days: int = 28, power: float = 0.8) -> Needed:
        """How many people an experiment on a measure needs, by what the people of the last days did.

        Raises `BadInput` where there was nobody.
        """
        with self.shop.store() as store:
            catalog = self.shop.pipeline.catalog
            events = store.events(catalog.ids)
            if not len(events):
                raise BadInput("the log has no events; say what is usual with --mean, --variance and --daily")
            shown = store.shown()
        found = usual(measure, shown, events, catalog, days)
        return needed(found.mean, found.variance, effect, arms=arms, daily=found.n / days, power=power)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _linked(source: str, target: str) -> None:
    """The same file under another name, or a copy where the disk has no such thing; releases are never changed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
