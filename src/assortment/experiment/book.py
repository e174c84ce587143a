"""The experiments of a shop, each a folder: its definition, and the pipelines of its arms where they have their own."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from assortment.core.errors import AssortmentError, BadInput, BadSetting, did_you_mean
from assortment.core.pipeline import Pipeline
from assortment.experiment.assign import room
from assortment.experiment.definition import Experiment, parse

Reader = Callable[[Path], Pipeline]


@dataclass(frozen=True, eq=False)
class Running:
    """An experiment that runs. pipelines: by arm; an arm without one is answered by what serves the shop."""

    experiment: Experiment
    pipelines: Mapping[str, Pipeline]


@dataclass(frozen=True, eq=False)
class Book:
    """folder: where the experiments are, made when the first begins. read: opens a saved pipeline.

    What is written is there whole or not at all, also after a crash. Several programs may look at one book: each sees what
    another starts or stops with its next request. Begun experiments are never changed, only ended: whoever wants another share
    or other arms begins another.
    """

    folder: Path
    read: Reader
    _lock: Lock = field(default_factory=Lock, repr=False)
    _held: dict[str, tuple[object, tuple[Running, ...]]] = field(default_factory=dict, repr=False)

    def all(self) -> tuple[Experiment, ...]:
        """All experiments, the latest first. Raises `BadInput` for one that is damaged."""
        files = self.folder.glob("[!.]*/experiment.json")
        found = [_experiment(file) for file in files]
        return tuple(sorted(found, key=lambda one: -one.began))

    def named(self, name: str) -> Experiment:
        """Raises `UnknownName` with the nearest name."""
        every = {one.name: one for one in self.all()}
        if name not in every:
            raise did_you_mean("experiment", name, every)
        return every[name]

    def start(self, experiment: Experiment, now: int, pipelines: Mapping[str, Path] | None = None) -> Experiment:
        """Begin an experiment and give it its place in its layer. pipelines: by arm, folders of saved ones, which are moved
        here.

        Raises `BadSetting` where the name is used or the layer has no room, or where two that run would both choose the
        pipeline.
        """
        with self._alone():
            running = [one for one in self.all() if one.runs]
            if any(one.name == experiment.name for one in self.all()):
                raise BadSetting(f"experiment '{experiment.name}' exists already; give the new one a name of its own")
            if pipelines:
                self._one_chooser(experiment, running)
            other = next((one.name for one in running if one.interleaved), None)
            if experiment.interleaved and other:
                raise BadSetting(f"experiment '{other}' is interleaved, too, and one slate has room for one; stop it first")
            begun = replace(experiment, began=now, ended=None, first=room(experiment.layer, experiment.width, running))
            coming = self.folder / f".coming-{experiment.name}"
            shutil.rmtree(coming, ignore_errors=True)
            (coming / "arms").mkdir(parents=True)
            for arm, folder in (pipelines or {}).items():
                folder.rename(coming / "arms" / arm)
            _write(coming / "experiment.json", json.dumps(begun.told, ensure_ascii=False, indent=1))
            coming.rename(self.folder / experiment.name)
            self._changed()
        return begun

    def stop(self, name: str, now: int) -> Experiment:
        """End an experiment: from the next request on everybody is answered by what serves the shop."""
        with self._alone():
            experiment = self.named(name)
            if not experiment.runs:
                raise BadSetting(f"experiment '{name}' has ended already")
            ended = replace(experiment, ended=max(now, experiment.began))
            _write(self.folder / name / "experiment.json", json.dumps(ended.told, ensure_ascii=False, indent=1))
            self._changed()
        return ended

    def running(self) -> tuple[Running, ...]:
        """What runs now; read again only when something has begun or ended."""
        try:
            stamp: object = (self.folder / "changed").stat().st_mtime_ns
        except FileNotFoundError:
            return ()
        with self._lock:
            known, held = self._held.get("", (None, ()))
            if known != stamp:
                held = tuple(self._running(one) for one in self.all() if one.runs)
                self._held[""] = (stamp, held)
            return held

    def _running(self, experiment: Experiment) -> Running:
        arms = sorted((self.folder / experiment.name / "arms").glob("*"))
        return Running(experiment, {arm.name: self.read(arm) for arm in arms})

    def _one_chooser(self, experiment: Experiment, running: list[Experiment]) -> None:
        for other in running:
            if other.layer != experiment.layer and any((self.folder / other.name / "arms").glob("*")):
                raise BadSetting(
                    f"experiment '{other.name}' of layer '{other.layer}' has pipelines of its own, too, and only one "
                    f"can answer "
                    f"a request; put both in one layer"
                )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes into the book meanwhile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise BadInput(f"{self.folder} cannot be written ({error}); see to its disk; nothing has begun or ended") from error

    def _changed(self) -> None:
        _write(self.folder / "changed", "")


def _experiment(file: Path) -> Experiment:
    try:
        return parse(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, AssortmentError) as error:
        raise BadInput(f"{file} is damaged ({error}); put back a copy, or remove its folder") from error


def _write(file: Path, text: str) -> None:
    """Write a file that is on the disk, whole, before it takes its place."""
    coming = file.with_name(f".{file.name}.coming")
    with coming.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    coming.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
