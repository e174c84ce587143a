"""Compression: every step made, measured beside what it came from, and kept only where it loses next to nothing."""

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assortment.compress.steps import Steps, Words, steps
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.measure import Measure
from assortment.core.pipeline import Plan
from assortment.core.progress import tell
from assortment.core.stage import Encoder
from assortment.evaluate.cases import Split
from assortment.evaluate.goods import Goods
from assortment.evaluate.offline import Evaluation, difference, evaluate
from assortment.guard.policy import Policy
from assortment.language.encode import encoder_for, open_encoder
from assortment.language.folders import folder_of, read_full
from assortment.language.onnx import OnnxEncoder
from assortment.language.transformer import open_transformer
from assortment.language.verbalise import verbalise
from assortment.parts import encoders, with_encoders
from assortment.retrieve.semantic import Semantic
from assortment.tune.tuned import Part, some
from assortment.understand.embed import Embed

LOSS = 0.005
"""The share of NDCG that a step may lose."""

TIMED = 128
"""Texts whose encoding is timed, five times."""


@dataclass(frozen=True)
class Row:
    """An encoder on the way: megabytes of its model; speed: titles per second of one processor; ndcg: of the semantic part, and
    change: how much that is above the encoder before all steps, person by person; passed: None for what no step made."""

    name: str
    megabytes: float
    speed: float
    ndcg: Measure
    change: Measure
    passed: bool | None


@dataclass(frozen=True)
class Look:
    """The whole pipeline with the encoder before and with the smaller one on a part of the log: said: what was held out."""

    said: str
    people: int
    before: Measure
    after: Measure
    change: Measure


@dataclass(frozen=True)
class Compressed:
    """What became of the steps.

    before: the shop's encoder; rows: the full model in torch, the same in ONNX, the shop's, and each step, on top of those
    before that passed; encoder: the spec of the smallest that passed, None where no step did; validation: the whole pipeline
    with that, by which it is kept or not, and test: the look at what came after, taken once; k: length of the slates; said:
    what was held out; people: how many were asked.
    """

    before: str
    k: int
    said: str
    people: int
    rows: tuple[Row, ...]
    encoder: str | None
    validation: Look | None
    test: Look | None

    @property
    def kept(self) -> bool:
        """Whether the smaller encoder is to serve."""
        return self.validation is not None and passes(self.validation.before, self.validation.change)

    def put_into(self, plan: Plan) -> Plan:
        """The plan with the smaller encoder in the place of the one before."""
        spec = self.encoder or self.before
        return with_encoders(plan, lambda *_: spec)


def passes(before: Measure, change: Measure) -> bool:
    """Whether no more than `LOSS` is lost, by the mean."""
    return change.mean >= -LOSS * before.mean


def compress(plan: Plan, validation: Part, test: Part, wanted: Steps, folder: Path, seed: int) -> Compressed:
    """Try each step on top of those that passed; then the whole pipeline with what came of them, on validation, and, where that
    keeps its NDCG too, once on test.

    folder: where the smallest that passed is put, below it by its fingerprint, so that none takes the place of one that serves;
    what is made on the way lies in `work` there until all is done. Raises `BadInput` where nobody is held out or the parts of
    the plan name several encoders.
    """
    if not validation.split.cases or not test.split.cases:
        raise BadInput("nobody took anything new in a part held out; split the log elsewhere")
    past, spec = validation.split.past, _one_encoder(plan, validation.split.past)
    trial = Trial(replace(validation.split, cases=some(validation.split.cases, seed)), plan, seed)
    full, work = read_full(spec), folder / "work"
    start, served = full.write(work / "full"), open_encoder(spec)
    at_first = trial.semantic(served)
    exported = trial.row("full model, ONNX", start, at_first)
    rows = [_in_torch(trial, exported, folder_of(spec)), exported, trial.row(f"{spec}, as it serves", served, at_first)]
    words = Words.of(past.catalog, served, seed)
    kept, encoder, best = full, start, None
    made = steps(wanted, words, start, work, seed)
    for number, (name, step) in enumerate(made):
        tell("compress", number, len(made))
        candidate = step(kept, encoder)
        smaller = candidate.write(work / name.replace(" ", "-").replace("-%", ""))
        rows.append(trial.step(f"+ {name}", smaller, at_first))
        if rows[-1].passed:
            kept, encoder, best = candidate, smaller, smaller
    tell("compress", len(made), len(made))
    smallest = None if best is None else kept.write(folder / best.fingerprint).spec
    found = Compressed(spec, trial.k, validation.said, len(trial.split.cases), tuple(rows), smallest, None, None)
    if best is not None:
        found = replace(found, validation=look(plan, found, validation, seed))
        found = replace(found, test=look(plan, found, test, seed)) if found.kept else found
    shutil.rmtree(work)
    return found


def _one_encoder(plan: Plan, dataset: Dataset) -> str:
    named = {encoder_for(spec, dataset.catalog).spec for spec in encoders(plan)}
    if len(named) != 1:
        said = " and ".join(sorted(named)) or "none"
        raise BadInput(f"the plan's parts name {said}; one encoder is made smaller at a time: name one for all of them")
    return named.pop()


@dataclass(frozen=True, eq=False)
class Trial:
    """People to ask, and how a plan compares goods."""

    split: Split
    plan: Plan
    seed: int

    @property
    def k(self) -> int:
        return self.split.cases[0].request.k

    def semantic(self, encoder: Encoder) -> Evaluation:
        """The semantic part alone, behind the shop's policy, with this encoder."""
        dims = next((recipe.dims for recipe in self.plan.understand if isinstance(recipe, Embed)), Embed().dims)
        policy = tuple(recipe for recipe in self.plan.stages if isinstance(recipe, Policy))
        alone = Plan((Semantic(encoder=encoder.spec), *policy), (Embed(encoder=encoder.spec, dims=dims),))
        rng = np.random.default_rng(self.seed)
        pipeline = alone.fit(self.split.past, rng)
        return evaluate(pipeline, self.split.cases, Goods.of(pipeline.catalog, self.split.past), rng)

    def row(self, name: str, encoder: Encoder, at_first: Evaluation) -> Row:
        measure, change = self._ndcg(self.semantic(encoder), at_first)
        return Row(name, _megabytes(encoder), self.speed(encoder), measure, change, None)

    def step(self, name: str, encoder: Encoder, at_first: Evaluation) -> Row:
        """The same, and whether it passed."""
        row = self.row(name, encoder, at_first)
        return replace(row, passed=passes(at_first.measure(row.ndcg.name), row.change))

    def _ndcg(self, found: Evaluation, at_first: Evaluation) -> tuple[Measure, Measure]:
        changes = difference(found, at_first, np.random.default_rng(self.seed))
        name = f"NDCG@{self.k}"
        return found.measure(name), next(change for change in changes if change.name == name)

    def speed(self, encoder: Encoder) -> float:
        """Texts per second of one processor: the best of five, tokenising included, after a first one that is not counted."""
        texts = verbalise(self.split.past.catalog)
        timed = [text for text in texts[:: max(1, len(texts) // TIMED)] if text][:TIMED]
        encoder.encode(timed[:8])
        spent = []
        for _ in range(5):
            began = time.process_time()
            encoder.encode(timed)
            spent.append(time.process_time() - began)
        return len(timed) / max(min(spent), 1e-9)


def _in_torch(trial: Trial, exported: Row, folder: Path) -> Row:
    """The full model as it is trained, in 32 bits, on one thread; its quality is that of the same in ONNX, row `exported`."""
    from assortment.learn.compute import threads

    with threads(1):
        speed = trial.speed(open_transformer(f"hf:{folder}"))
    size = (folder / "model.safetensors").stat().st_size / 1e6
    return replace(exported, name="full model, torch", megabytes=size, speed=speed)


def _megabytes(encoder: Encoder) -> float:
    return encoder.megabytes if isinstance(encoder, OnnxEncoder) else float("nan")


def look(plan: Plan, found: Compressed, part: Part, seed: int) -> Look:
    """The whole pipeline before and after on a part of the log, varied as the shop has set it."""
    whole = with_encoders(plan, lambda *_: found.before)
    before, after = (_whole(candidate, part, seed) for candidate in (whole, found.put_into(plan)))
    name = f"NDCG@{found.k}"
    changes = difference(after, before, np.random.default_rng(seed))
    change = next(change for change in changes if change.name == name)
    return Look(part.said, len(part.split.cases), before.measure(name), after.measure(name), change)


def _whole(plan: Plan, part: Part, seed: int) -> Evaluation:
    rng = np.random.default_rng(seed)
    pipeline = plan.fit(part.split.past, rng)
    return evaluate(pipeline, part.split.cases, Goods.of(pipeline.catalog, part.split.past), rng)
