"""The fits of a shop, each in a folder of its own: which one serves, which served before, and the way back.

model/
├── 1f0c…-a3b2c1/   pipeline/ fitted.json shop.toml    one release, never changed once it is there
├── serving         the name of the one that serves
├── history.jsonl   what served from when on, and why
└── refits.jsonl    how the last refits ended, those that were held back too
"""

import hashlib
import json
import logging
import shutil
import time
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from assortment import config, kept
from assortment.config import Settings
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, did_you_mean
from assortment.core.pipeline import Pipeline
from assortment.core.save import load, save
from assortment.core.stage import Stage
from assortment.parts import known_classes, read_as
from assortment.portrait.draw import usual_variety
from assortment.retrieve.popular import Favourites
from assortment.serve.serving import Released

KEPT = 5
"""How many releases are kept; the one that serves always is."""

NOTED = 50
"""Of how many refits it is kept how they ended."""

LEFT = 86_400
"""Seconds after which a fit that never came to its end is taken to have been killed."""


@dataclass(frozen=True)
class Fitted:
    """What a fit was made of. version: of settings and data together; until: the time of the last event that it knows of,
    milliseconds since 1970 UTC; verdicts: what its stages say of themselves; language: what the titles are written in, who
    reads them, and what was not understood, "" where the settings say who; usual: how varied the people take things, 0 … 1."""

    version: str
    items: int
    people: int
    events: int
    until: int
    verdicts: tuple[str, ...]
    language: str
    usual: float


def fitted(settings: Settings, dataset: Dataset, pipeline: Pipeline) -> Fitted:
    """What is to be said of a pipeline that was fitted on a dataset with these settings."""
    events = dataset.events
    until = int(events.time[-1]) if len(events) else 0
    verdicts = tuple(stage.verdict for stage in pipeline.stages if hasattr(stage, "verdict"))
    language = read_as(settings.plan, pipeline.catalog)
    counts = len(dataset.catalog), len(events.people), len(events), until
    usual = usual_variety(pipeline.catalog, dataset.profiles().values())
    return Fitted(version_of(settings, dataset), *counts, verdicts, language, usual)


def version_of(settings: Settings, dataset: Dataset, more: str = "") -> str:
    """Twelve hexadecimal digits that change with the settings, the goods, the log, and what more they follow from."""
    events = dataset.events
    digest = hashlib.sha256((config.write(settings) + more).encode())
    digest.update("\0".join(dataset.catalog.ids.names).encode("utf-8", "surrogatepass"))
    for column in (events.time, events.user, events.item, events.kind):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Release:
    """One fit in its folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def fitted(self) -> Fitted:
        """What the fit says of itself; raises `BadInput` where that is damaged."""
        file = self.folder / "fitted.json"
        try:
            return kept.typed(Fitted, json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{file} is damaged ({error}); fit again") from error

    @cached_property
    def pipeline(self) -> Pipeline:
        """What was fitted; raises `BadInput` where that is damaged or of another version of this program."""
        return load(self.folder / "pipeline", known_classes())

    @property
    def released(self) -> Released:
        """The release as a service takes it up."""
        return Released(self.pipeline, self.fitted.version, self.fitted.usual, _popular(self.pipeline))

    @property
    def settings(self) -> Settings:
        """The settings that it was fitted with."""
        return config.read(self.folder / "shop.toml")


def _popular(pipeline: Pipeline) -> Stage | None:
    """The part that knows what is popular, wherever it stands."""
    parts = (part for stage in pipeline.stages for part in (stage, *getattr(stage, "parts", ())))
    return next((part for part in parts if isinstance(part, Favourites)), None)


@dataclass(frozen=True)
class Turn:
    """When a release began to serve (milliseconds since 1970 UTC), and why."""

    release: str
    time: int
    why: str


@dataclass(frozen=True)
class Kept:
    """A release as it is listed. since: when it last began to serve, milliseconds since 1970 UTC; events: how many it was
    fitted on, None where it is damaged."""

    release: str
    serves: bool
    since: int
    why: str
    events: int | None


@dataclass(frozen=True)
class Releases:
    """The releases in a folder."""

    folder: Path

    def add(self, pipeline: Pipeline, fitted: Fitted, settings: Settings) -> Release:
        """Put a fit into a folder of its own, whole or not at all; it does not serve yet. Raises `BadInput` where the disk
        will not take it."""
        folder = self.folder / f"{fitted.version}-{uuid4().hex[:6]}"
        coming = self.folder / f"coming-{folder.name}"
        try:
            save(pipeline, coming / "pipeline")
            kept.write(coming / "fitted.json", fitted)
            (coming / "shop.toml").write_text(config.write(settings), encoding="utf-8")
            coming.rename(folder)
        except OSError as error:
            shutil.rmtree(coming, ignore_errors=True)
            raise BadInput(
                f"{coming} cannot be written ({error}); see to its disk, and fit again; the last fit stays"
            ) from error
        return Release(folder)

    def serve(self, release: Release, why: str) -> None:
        """Let a release serve from now on, in one step, and drop the oldest beyond `KEPT`."""
        turn = Turn(release.name, time.time_ns() // 1_000_000, why)
        coming = self.folder / f"serving-{uuid4().hex[:6]}"
        try:
            told = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in (*self.turns, turn))
            history = self.folder / f"history-{uuid4().hex[:6]}"
            history.write_text(told, encoding="utf-8")
            history.replace(self._history)
            coming.write_text(release.name, encoding="utf-8")
            coming.replace(self._serving)
        except OSError as error:
            coming.unlink(missing_ok=True)
            raise BadInput(f"{self._serving} cannot be written ({error}); see to its disk; the last release serves") from error
        self._drop_old()

    @property
    def _serving(self) -> Path:
        return self.folder / "serving"

    @property
    def there(self) -> bool:
        """Whether any release serves."""
        return self._serving.exists()

    @property
    def serving(self) -> Release:
        """The release that was last put in place, be it damaged or not."""
        return Release(self.folder / Path(self._serving.read_text(encoding="utf-8")).name)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What served from when on, the oldest first, without a last line that a crash cut short."""
        text = self._history.read_text(encoding="utf-8") if self._history.exists() else ""
        return tuple(Turn(**json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("}\n"))

    @property
    def _history(self) -> Path:
        return self.folder / "history.jsonl"

    def note(self, ended: object) -> None:
        """Keep how a refit ended, a dataclass as `kept` writes it, with those before, at most `NOTED`."""
        line = json.dumps({"time": time.time_ns() // 1_000_000, **kept.plain(ended)}, ensure_ascii=False, allow_nan=False)
        coming = self.folder / f"refits-{uuid4().hex[:6]}"
        coming.write_text("".join(f"{one}\n" for one in (*self._noted(), line)[-NOTED:]), encoding="utf-8")
        coming.replace(self._refits)

    @property
    def noted(self) -> tuple[dict[str, Any], ...]:
        """How the last refits ended, as `note` kept them, the oldest first."""
        return tuple(json.loads(line) for line in self._noted())

    def _noted(self) -> list[str]:
        return self._refits.read_text(encoding="utf-8").splitlines() if self._refits.exists() else []

    @property
    def _refits(self) -> Path:
        return self.folder / "refits.jsonl"

    def all(self) -> tuple[Release, ...]:
        """Every release that is kept, the one that serves first, then those that served last."""
        named = [self.serving.name, *(turn.release for turn in reversed(self.turns))]
        folders = [self.folder / name for name in dict.fromkeys(named)]
        return tuple(Release(folder) for folder in folders if folder.is_dir())

    def listed(self) -> tuple[Kept, ...]:
        """All of them, told."""
        turns = {turn.release: turn for turn in self.turns}
        there = (turns.get(release.name) for release in self.all())
        return tuple(
            Kept(turn.release, not place, turn.time, turn.why, self._events(turn.release))
            for place, turn in enumerate(there)
            if turn is not None
        )

    def _events(self, name: str) -> int | None:
        try:
            return Release(self.folder / name).fitted.events
        except BadInput:
            return None

    def named(self, name: str) -> Release:
        """A release by its name; raises `UnknownName` with the nearest."""
        found = {release.name: release for release in self.all()}
        if name not in found:
            raise did_you_mean("release", name, found)
        return found[name]

    def open(self) -> Release:
        """The release that serves, read whole; where it is damaged, the last good one before it, and a warning is logged.

        Raises `BadInput` where none is good.
        """
        damaged: list[BadInput] = []
        for release in self.all() or (self.serving,):
            try:
                _ = release.fitted, release.pipeline
            except BadInput as error:
                damaged.append(error)
                continue
            if damaged:
                logging.getLogger(__name__).warning("%s; release %s serves in its place", damaged[0], release.name)
            return release
        raise damaged[0]

    def before(self) -> Release:
        """The release that served before the one that serves; raises `BadInput` where there is none."""
        others = [release for release in self.all() if release.name != self.serving.name]
        if not others:
            raise BadInput(f"{self.folder} has no release before the one that serves; there is nothing to go back to")
        return others[0]

    def _drop_old(self) -> None:
        """Drop what served and is beyond `KEPT`, and what never served and is `LEFT` old: a younger one may
        be of a fit that goes on beside this."""
        stay, served = {release.name for release in self.all()[:KEPT]}, {turn.release for turn in self.turns}
        for folder in [folder for folder in self.folder.iterdir() if folder.is_dir() and folder.name not in stay]:
            if folder.name in served or time.time() - folder.stat().st_mtime > LEFT:
                shutil.rmtree(folder, ignore_errors=True)
