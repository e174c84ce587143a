"""A shop is a folder: its settings, its log, what was fitted and what was measured."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assortment import config
from assortment.config import Settings
from assortment.core.arrays import Ids, Items
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Events
from assortment.core.pipeline import Pipeline
from assortment.core.save import load
from assortment.experiment.book import Book
from assortment.findings import Findings
from assortment.finetune.encoders import at_home, by_name
from assortment.parts import known_classes
from assortment.releases import Fitted, Kept, Release, Releases, fitted
from assortment.rl import home
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from assortment.store.veil import Veil, veil_store

if TYPE_CHECKING:
    from assortment.ingest import Ingested
    from assortment.refit import Guards, Refit

PEOPLE_KEY = "ASSORTMENT_PEOPLE_KEY"
"""The variable that may hold the key of the pseudonyms, in hexadecimal digits, so that it need not lie beside the store."""


@dataclass(frozen=True)
class Shop:
    """The files of a shop: `shop.toml`, `shop.db` unless the settings name another store, `rejected.jsonl`, `ingest.json`,
    `model/`, `judged.json`, `tuned.json`, `trials.jsonl`, `turned.json`, `study.journal`, `compressed.json`, `encoders/`,
    `segments.json` and `report.html`."""

    folder: Path

    @cached_property
    def settings(self) -> Settings:
        """The shop's settings, or the defaults where it has none yet; its tuned encoders are where they lie."""
        return self.read(self._toml) if self._toml.exists() else Settings()

    def read(self, file: Path) -> Settings:
        """The settings of a file, in which `tuned:NAME` is an encoder of this shop."""
        return self._at_home(config.read(file))

    def _at_home(self, settings: Settings) -> Settings:
        plan = home.at_home(at_home(settings.plan, self.folder / "encoders"), self.folder / "policies")
        return replace(settings, plan=plan)

    def _by_name(self, settings: Settings) -> Settings:
        """As `shop.toml` has them: the other way round."""
        plan = home.by_name(by_name(settings.plan, self.folder / "encoders"), self.folder / "policies")
        return replace(settings, plan=plan)

    @property
    def _toml(self) -> Path:
        return self.folder / "shop.toml"

    @property
    def report(self) -> Path:
        """Where the page of facts and plots is put."""
        return self.folder / "report.html"

    @property
    def findings(self) -> Findings:
        """What was measured and found out."""
        return Findings(self.folder)

    @property
    def releases(self) -> Releases:
        """The fits that are kept, one of which serves."""
        return Releases(self.folder / "model")

    def store(self) -> Store:
        """The shop's log, open; a relative SQLite file lies in the folder. Raises `BadInput` where there is no shop."""
        self.require()
        url, scheme = self.settings.store, "sqlite:///"
        if url.startswith(scheme) and not Path(url.removeprefix(scheme)).is_absolute():
            url = f"{scheme}{(self.folder / url.removeprefix(scheme)).absolute()}"
        return open_store(url, self.settings.profiles)

    def ingest(self, ingested: "Ingested") -> int:
        """Put what was read into the store, and what was rejected beside it; the number of new events.

        Goods that are there already are replaced; events that are there already (the same person, item, kind and time) are not
        appended again. Raises `BadInput` for a catalog without goods.
        """
        from assortment.ingest import write_rejected

        if not len(ingested.catalog):
            raise BadInput("the catalog has no goods; nothing is changed")
        if not self._toml.exists():
            self.open(self.settings)
        with self.store() as store:
            store.put_catalog(ingested.catalog)
            ids = store.catalog().ids
            numbers = ids.numbers(ingested.catalog.ids.names)
            people = Ids([self.known_as(name) for name in ingested.events.people.names])
            events = replace(ingested.events, people=people, item=numbers[ingested.events.item])
            fresh = _fresh(events, store.events(ids))
            store.append_log(fresh, ids)
        if not self.settings.pseudonyms:
            write_rejected(ingested.rejected, self.folder / "rejected.jsonl")
        (self.folder / "ingest.json").write_text(json.dumps(ingested.report.as_dict(), ensure_ascii=False, indent=1))
        return len(fresh)

    def dataset(self) -> Dataset:
        """All that the store holds; raises `BadInput` where that is nothing."""
        with self.store() as store:
            catalog = store.catalog()
            if not len(catalog):
                raise BadInput(f"{self.folder} has no goods; put some there with: assortment ingest {self.folder} …")
            return Dataset(catalog, store.events(catalog.ids))

    def require(self) -> None:
        """Raise `BadInput` unless the folder is a shop."""
        if not self._toml.exists():
            raise BadInput(
                f"{self.folder} is not a shop: it has no shop.toml; make one with: assortment ingest {self.folder} …"
            )

    def fit(self, settings: Settings | None = None) -> Fitted:
        """Fit the plan on all that is in the store and put the pipeline in the folder, where it takes the place of the last.

        settings: used and kept in place of the shop's own; where None, `shop.toml` stays as it was written.
        """
        used = self.settings if settings is None else self._at_home(config.reread(self._by_name(settings)))
        release = self._released(used, self.dataset())
        self.releases.serve(release, "it was fitted, and not compared")
        self.__dict__.pop("release", None)
        if settings is not None:
            self.open(settings)
        return release.fitted

    def _released(self, settings: Settings, dataset: Dataset) -> Release:
        """A new release, fitted on all of a dataset; it does not serve yet."""
        pipeline = settings.plan.fit(dataset, np.random.default_rng(settings.seed))
        return self.releases.add(pipeline, fitted(settings, dataset, pipeline), settings)

    def refit(self, guards: "Guards | None" = None, k: int = 10) -> "Refit":
        """Fit anew beside the release that serves, compare the two on slates of k, and let the new one serve unless a guard
        stands in its way; the settings are those of `shop.toml`.

        Raises `BadInput` where nothing serves yet.
        """
        from assortment.refit import Guards, refit

        dataset, settings = self.dataset(), self.settings
        ended = refit(self.release, settings, dataset, guards or Guards(), k)
        if ended.changed:
            release = self._released(settings, dataset)
            self.releases.serve(release, ended.why)
            self.__dict__.pop("release", None)
            ended = replace(ended, release=release.name)
        self.releases.note(ended)
        return ended

    def kept(self) -> tuple[Kept, ...]:
        """The releases that are kept, the one that serves first; raises `BadInput` where nothing is fitted."""
        self._require_fit()
        return self.releases.listed()

    def roll_back(self, name: str | None = None) -> Release:
        """Let an earlier release serve: by its name, or where None the one that served before. Raises `UnknownName` or
        `BadInput` where there is no such release, and where it is damaged."""
        self._require_fit()
        release = self.releases.named(name) if name else self.releases.before()
        _ = release.fitted, release.pipeline
        self.releases.serve(release, f"rolled back from {self.releases.serving.name}")
        self.__dict__.pop("release", None)
        return release

    def understood(self, settings: Settings | None = None) -> Dataset:
        """All that is in the store, with the columns that the plan's annotators derive; settings: in place of the shop's."""
        settings = settings or self.settings
        return settings.plan.understood(self.dataset(), np.random.default_rng(settings.seed))

    def open(self, settings: Settings) -> None:
        """Make the folder of a new shop with these settings, or give a shop other ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._toml.write_text(config.write(self._by_name(settings)), encoding="utf-8")
        self.__dict__.pop("settings", None)

    def change(self, settings: Settings) -> None:
        """Give the shop other settings, and keep those before as `shop.before.toml`."""
        shutil.copyfile(self._toml, self._before)
        self.open(settings)

    def back(self) -> None:
        """The settings that the last change kept come back, and those of now are kept in their place; raises `BadInput` where
        there are none."""
        self.require()
        if not self._before.exists():
            raise BadInput(f"{self.folder} has no shop.before.toml; nothing was changed that could be taken back")
        before = self.read(self._before)
        self.change(before)

    @property
    def _before(self) -> Path:
        return self.folder / "shop.before.toml"

    @property
    def is_fitted(self) -> bool:
        return self.releases.there

    @cached_property
    def release(self) -> Release:
        """The release that serves, or where it is damaged the last good one; raises `BadInput` where nothing is fitted."""
        self._require_fit()
        return self.releases.open()

    def _require_fit(self) -> None:
        self.require()
        if not self.is_fitted:
            raise BadInput(f"{self.folder} is not fitted yet; run: assortment fit {self.folder}")

    @property
    def fitted(self) -> Fitted:
        """What the fit that serves said of itself."""
        return self.release.fitted

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that serves."""
        return self.release.pipeline

    def service(self, store: Store) -> Service:
        """The loop over the fitted pipeline and an open store; goods that came into the store since the fit are taken in."""
        one = self.release.released
        more = {"book": self.book, "usual": one.usual, "popular": one.popular, "known_as": self.known_as}
        service = Service(one.pipeline, store, version=one.version, **more)
        catalog = store.catalog()
        if len(catalog) > len(service.catalog):
            service.take_in(catalog)
        return service

    @cached_property
    def known_as(self) -> Callable[[str], str]:
        """What people are called in the store; raises `BadInput` where the key of their pseudonyms is gone."""
        if not self.settings.pseudonyms:
            return str
        try:
            return Veil(bytes.fromhex(os.environ.get(PEOPLE_KEY) or self._people_key.read_text(encoding="ascii")))
        except (OSError, ValueError) as error:
            way_out = f"put it back, or set {PEOPLE_KEY}; without it nobody can be told again"
            raise BadInput(f"the key of the pseudonyms, {self._people_key}, cannot be read ({error}); {way_out}") from error

    def veil(self) -> int:
        """Call people by pseudonyms from now on, and those in the store, too; how many had none yet. It cannot be undone."""
        self.require()
        if not self._people_key.exists() and PEOPLE_KEY not in os.environ:
            with os.fdopen(os.open(self._people_key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        self.open(replace(self.settings, pseudonyms=True))
        self.__dict__.pop("known_as", None)
        (self.folder / "rejected.jsonl").unlink(missing_ok=True)
        with self.store() as store:
            return veil_store(store, self.known_as)

    @property
    def _people_key(self) -> Path:
        return self.folder / "people.key"

    @cached_property
    def book(self) -> Book:
        """The shop's experiments."""
        return Book(self.folder / "experiments", lambda folder: load(folder, known_classes()))


def _fresh(events: Events, there: Events) -> Events:
    """The events that are not in the log already."""
    if not len(there):
        return events
    known = set(zip(*_keys(there, events.people.numbers(there.people.names)[there.user]), strict=True))
    rows = [row for row, key in enumerate(zip(*_keys(events, events.user), strict=True)) if key not in known]
    return events.take(np.array(rows, np.int64))


def _keys(events: Events, user: Items) -> Iterator[list[int]]:
    return (column.tolist() for column in (events.time, user, events.item, events.kind))
