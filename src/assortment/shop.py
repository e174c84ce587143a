"""A shop is a folder: its settings, its log, what was fitted and what was measured."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assortment import config, kept
from assortment.config import Settings
from assortment.core.arrays import Items
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting, did_you_mean, within
from assortment.core.events import Events
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Wish
from assortment.core.save import load
from assortment.evaluate.cases import Split, last_out, time_split
from assortment.evaluate.lost import Lost, lost
from assortment.experiment.book import Book
from assortment.finetune import encoders as tuned_encoders
from assortment.finetune.encoders import KIND, at_home, based_on, by_name, place, served
from assortment.judge import Judgement, again, judge
from assortment.language.choose import AUTO
from assortment.language.encode import encoder_for, open_encoder
from assortment.parts import known_classes, name_of
from assortment.releases import Fitted, Kept, Release, Releases, fitted, version_of
from assortment.serve.service import AS_SET, Service
from assortment.store.sql import Store, open_store
from assortment.understand.embed import Embed

if TYPE_CHECKING:
    from assortment.compress.compressed import Compressed
    from assortment.compress.steps import Steps
    from assortment.finetune.recipe import Finetune
    from assortment.finetune.result import Finetuned
    from assortment.ingest import Ingested
    from assortment.portrait.segments import Segments
    from assortment.refit import Guards, Refit
    from assortment.tune.recipes import Turned
    from assortment.tune.tuned import Tuned

WEEK = 7 * 86_400_000


@dataclass(frozen=True)
class Shop:
    """The files of a shop: `shop.toml`, `shop.db` unless the settings name another store, `rejected.jsonl`, `ingest.json`,
    `model/`, `judged.json`, `tuned.json`, `trials.jsonl`, `turned.json`, `study.journal`, `compressed.json`, `encoders/`,
    `segments.json` and `report.html`."""

    folder: Path

    @cached_property
    def settings(self) -> Settings:
        """The shop's settings, or the defaults where it has none yet; its tuned encoders are where they lie."""
        settings = config.read(self._toml) if self._toml.exists() else Settings()
        return replace(settings, plan=at_home(settings.plan, self._encoders))

    @property
    def _toml(self) -> Path:
        return self.folder / "shop.toml"

    @property
    def report(self) -> Path:
        """Where the page of facts and plots is put."""
        return self.folder / "report.html"

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
        return open_store(url)

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
            events = replace(ingested.events, item=numbers[ingested.events.item])
            fresh = _fresh(events, store.events(ids))
            store.append_log(fresh, ids)
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
        release = self._released(settings or self.settings, self.dataset())
        self.releases.serve(release, "it was fitted, and not compared")
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
            return replace(ended, release=release.name)
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

    def judge(self, split: str = "time", k: int = 10, weeks: float | None = None, kinds: int = 0) -> Judgement:
        """Fit the plan on the past, and measure it on what came after.

        split: "time" holds out the last `weeks` of the log (the last fifth of its events where they are not given), "last-out"
        each person's last moment. kinds: so many kinds of goods are left out of the log as well, one at a time.
        """
        cut, said = self._cut(self.dataset(), split, k, weeks)
        if not cut.cases:
            raise BadInput("nobody took anything new in the part held out; there is nothing to judge by")
        judgement = judge(self.settings.plan, cut, said, np.random.default_rng(self.settings.seed), kinds)
        kept.write(self._judged, judgement)
        return judgement

    @property
    def judged(self) -> Judgement | None:
        """What was last measured, None where nothing was; raises `BadInput` where the file is damaged."""
        return kept.read(self._judged, Judgement, f"assortment evaluate {self.folder}") if self._judged.exists() else None

    @property
    def _judged(self) -> Path:
        return self.folder / "judged.json"

    def _cut(self, dataset: Dataset, split: str, k: int, weeks: float | None) -> tuple[Split, str]:
        """What is held out of a log, and how to say so."""
        if not len(dataset.events):
            raise BadInput(f"{self.folder} has no events; there is nothing to judge by")
        bought_again = again(self.settings.plan)
        if split == "last-out":
            return last_out(dataset, k, bought_again), "The last moment of every person, held out"
        cut = time_split(dataset, dataset.now - int(weeks * WEEK) if weeks else None, 0.2, k, bought_again)
        since = datetime.fromtimestamp(cut.cases[0].request.time / 1000, UTC) if cut.cases else None
        return cut, f"What people took from {since:%Y-%m-%d} on, held out" if since else ""

    def tune(
        self,
        keep: float = 0.99,
        split: str = "time",
        k: int = 10,
        weeks: float | None = None,
        trials: int = 200,
        dry_run: bool = False,
    ) -> "Tuned":
        """Find the most variety that keeps the share `keep` (above 0 … 1) of NDCG, and write that setting to `shop.toml`.

        The part held out is `judge`'s; the settings are tried on a part held out in the same way from what came before it.
        `tuned.json` has what was found, `trials.jsonl` what was measured, so that a search that was stopped goes on. dry_run:
        `shop.toml` stays as it is; otherwise the settings before are kept beside it as `shop.before.toml`.
        """
        from assortment.tune.trials import Journal
        from assortment.tune.tuned import Part, tune, untuned

        settings, dataset = self.settings, self.dataset()
        test = Part(*self._cut(dataset, split, k, weeks))
        validation = Part(*self._cut(test.split.past, split, k, weeks))
        journal = Journal(self.folder / "trials.jsonl", version_of(untuned(settings), dataset, f"{split} {k} {weeks}"))
        tuned = tune(settings.plan, validation, test, keep, trials, journal, settings.seed)
        kept.write(self._tuned, tuned)
        if not dry_run:
            shutil.copyfile(self._toml, self._before)
            self.open(tuned.put_into(settings))
        return tuned

    def turn(
        self, split: str = "time", k: int = 10, weeks: float | None = None, trials: int = 30, dry_run: bool = False
    ) -> "Turned":
        """Search the fields of what retrieves for the most NDCG, and write those chosen to `shop.toml`.

        The parts held out are `tune`'s. `turned.json` has what was found, `study.journal` the trials, so that a search that was
        stopped goes on, and one of more trials begins where one of fewer ended. dry_run: as in `tune`.
        """
        from assortment.tune.recipes import turn
        from assortment.tune.tuned import Part

        settings, dataset = self.settings, self.dataset()
        test = Part(*self._cut(dataset, split, k, weeks))
        validation = Part(*self._cut(test.split.past, split, k, weeks))
        name = version_of(settings, dataset, f"{split} {k} {weeks}")
        found = turn(settings.plan, validation, test, trials, self.folder / "study.journal", name, settings.seed)
        kept.write(self._turned, found)
        if found.better and not dry_run:
            shutil.copyfile(self._toml, self._before)
            self.open(replace(settings, plan=found.put_into(settings.plan)))
        return found

    @property
    def turned(self) -> "Turned | None":
        """What turning the fields last found, None where nothing was; raises `BadInput` where the file is damaged."""
        from assortment.tune.recipes import Turned

        return kept.read(self._turned, Turned, f"assortment tune {self.folder}") if self._turned.exists() else None

    @property
    def _turned(self) -> Path:
        return self.folder / "turned.json"

    @property
    def tuned(self) -> "Tuned | None":
        """What was last found by tuning, None where nothing was; raises `BadInput` where the file is damaged."""
        from assortment.tune.tuned import Tuned

        return kept.read(self._tuned, Tuned, f"assortment tune {self.folder}") if self._tuned.exists() else None

    @property
    def _tuned(self) -> Path:
        return self.folder / "tuned.json"

    def segments(self, count: int | None = None) -> "Segments":
        """The people of the log in groups, and what they are like: `portrait.segments`; `segments.json` keeps it for the
        report. Raises `BadInput` where nothing is fitted."""
        from assortment.portrait.segments import segments

        catalog = self.pipeline.catalog
        with self.store() as store:
            dataset = Dataset(catalog, store.events(catalog.ids))
        found = segments(dataset, count, np.random.default_rng(self.settings.seed))
        kept.write(self._segments, found)
        return found

    @property
    def segmented(self) -> "Segments | None":
        """The segments that were last made, None where none were; raises `BadInput` where the file is damaged."""
        from assortment.portrait.segments import Segments

        again = f"assortment segments {self.folder}"
        return kept.read(self._segments, Segments, again) if self._segments.exists() else None

    @property
    def _segments(self) -> Path:
        return self.folder / "segments.json"

    def finetune(self, recipe: "Finetune", name: str | None = None, track: str = "none") -> "tuple[str, Finetuned]":
        """Tune the encoder by which goods are compared, and let the tuned one serve where it is better beyond chance.

        The run lies in `encoders/NAME`; one that was killed goes on, with the same settings. name: None for the method and a
        number; track: who draws the run, as in `open_tracker`. `shop.toml` is written only where the tuned one won, the
        settings before being kept as `shop.before.toml`; it serves from the next fit on.
        """
        from assortment.finetune.run import finetune
        from assortment.learn.track import open_tracker

        dataset, folder = self.dataset(), place(self._encoders, name, recipe.method)
        serving = encoder_for(self._embed.encoder, dataset.catalog)
        recipe = replace(recipe, base=based_on(recipe.base, serving.spec), dims=self._embed.dims)
        tracker = open_tracker(track, self.folder / "runs", folder.name, kept.plain(recipe))
        try:
            found = finetune(dataset, recipe, serving, folder, tracker)
        finally:
            tracker.close()
        kept.write(folder / "finetuned.json", found)
        if found.won:
            self._serve(served(by_name(self.settings.plan, self._encoders), f"{KIND}{folder.name}", found.words))
        return folder.name, found

    @property
    def encoders(self) -> "dict[str, Finetuned]":
        """The encoders that were tuned, by name."""
        self.require()
        return tuned_encoders.encoders(self._encoders)

    @property
    def serving_encoder(self) -> str:
        """By which encoder the settings compare goods: `tuned:NAME`, or a spec."""
        embed = next((part for part in by_name(self.settings.plan, self._encoders).understand if isinstance(part, Embed)), None)
        return embed.encoder if embed else "none"

    def serve_encoder(self, name: str) -> None:
        """Compare goods by another encoder from the next fit on: a tuned one by its name, or any other by its spec, such as
        `auto`. The settings before are kept as `shop.before.toml`."""
        known = self.encoders
        if name not in known and name != AUTO:
            if ":" not in name:
                raise did_you_mean("tuned encoder", name, [*known, AUTO])
            open_encoder(name)
        spec, words = (f"{KIND}{name}", known[name].words) if name in known else (name, False)
        self._serve(served(by_name(self.settings.plan, self._encoders), spec, words))

    def _serve(self, plan: Plan) -> None:
        """Take another plan, and keep the settings before."""
        shutil.copyfile(self._toml, self.folder / "shop.before.toml")
        self.open(replace(self.settings, plan=plan))

    @property
    def _embed(self) -> Embed:
        embed = next((recipe for recipe in self.settings.plan.understand if isinstance(recipe, Embed)), None)
        if embed is None:
            raise BadSetting("the plan has no 'embed', so no encoder compares goods; add it to what is understood")
        return embed

    @property
    def _encoders(self) -> Path:
        return self.folder / "encoders"

    def compress(
        self, steps: "Steps", split: str = "time", k: int = 10, weeks: float | None = None, dry_run: bool = False
    ) -> "Compressed":
        """Make the shop's encoder smaller and faster, step by step, and write it to `shop.toml` where the whole pipeline loses
        next to nothing with it.

        The parts held out are `tune`'s. The encoders lie in `encoders/`, `compressed.json` has what was measured; a training
        that was stopped goes on. dry_run: `shop.toml` stays as it is; otherwise the settings before are kept beside it as
        `shop.before.toml`, and `back` brings them back.
        """
        from assortment.compress.compressed import compress
        from assortment.tune.tuned import Part

        settings = self.settings
        test = Part(*self._cut(self.dataset(), split, k, weeks))
        validation = Part(*self._cut(test.split.past, split, k, weeks))
        found = compress(settings.plan, validation, test, steps, self.folder / "encoders", settings.seed)
        kept.write(self._compressed, found)
        if found.kept and not dry_run:
            shutil.copyfile(self._toml, self._before)
            self.open(replace(settings, plan=found.put_into(settings.plan)))
        return found

    @property
    def compressed(self) -> "Compressed | None":
        """What was last found by compressing, None where nothing was; raises `BadInput` where the file is damaged."""
        from assortment.compress.compressed import Compressed

        if not self._compressed.exists():
            return None
        return kept.read(self._compressed, Compressed, f"assortment compress {self.folder} --int8")

    @property
    def _compressed(self) -> Path:
        return self.folder / "compressed.json"

    def back(self) -> None:
        """The settings that the last change kept come back, and those of now are kept in their place; raises `BadInput` where
        there are none."""
        self.require()
        if not self._before.exists():
            raise BadInput(f"{self.folder} has no shop.before.toml; nothing was changed that could be taken back")
        now, before = self.settings, config.read(self._before)
        self._before.write_text(config.write(now), encoding="utf-8")
        self.open(before)

    @property
    def _before(self) -> Path:
        return self.folder / "shop.before.toml"

    def variety_lost(self, user: str | None = None, people: int = 200, k: int = 12, wish: Wish = AS_SET) -> Lost:
        """What the fitted pipeline makes of the variety of its candidates, stage by stage, when k goods are asked for.

        user: for whom; where None, for `people` (1 …) of the log, drawn with the shop's seed, or all if they are fewer; in a
        shop without a log, for somebody unknown. Nothing is recorded as shown. Raises `BadInput` where nothing is fitted.
        """
        within("people", people, 1, float("inf"))
        with self.store() as store:
            service = self.service(store)
            asked = self._drawn(store, people) if user is None else [user]
            requests = [service.request(name, k=k, wish=wish) for name in asked]
        return lost(self.pipeline, requests, [name_of(stage) for stage in self.pipeline.stages])

    def _drawn(self, store: Store, people: int) -> list[str]:
        """At most so many people of the log, or somebody unknown where it holds nobody."""
        everybody = sorted(name for name, _ in store.people(most=sys.maxsize))
        if len(everybody) > people:
            everybody = sorted(np.random.default_rng(self.settings.seed).choice(everybody, people, replace=False).tolist())
        return everybody or [""]

    def open(self, settings: Settings) -> None:
        """Make the folder of a new shop with these settings, or give a shop other ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = replace(settings, plan=by_name(settings.plan, self._encoders))
        self._toml.write_text(config.write(settings), encoding="utf-8")
        self.__dict__.pop("settings", None)

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
        service = Service(self.pipeline, store, version=self.fitted.version, book=self.book, usual=self.fitted.usual)
        catalog = store.catalog()
        if len(catalog) > len(service.catalog):
            service.take_in(catalog)
        return service

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
