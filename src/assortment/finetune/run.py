"""A run: tune on the past, then ask people whose next thing is known whether it was worth it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.measure import Measure
from assortment.core.stage import Encoder
from assortment.evaluate.bootstrap import interval, weights
from assortment.evaluate.cases import Case, last_out
from assortment.finetune.encoders import based_on
from assortment.finetune.heads import Heads
from assortment.finetune.lessons import lessons
from assortment.finetune.objective import Objective
from assortment.finetune.readout import Questions, whitened
from assortment.finetune.recipe import Finetune
from assortment.finetune.result import Finetuned
from assortment.language.cache import cached
from assortment.language.export import export
from assortment.language.module import open_trainable
from assortment.language.onnx import open_onnx
from assortment.language.vectors import fingerprint_of
from assortment.language.verbalise import verbalise
from assortment.learn.adapters import adapt, trained
from assortment.learn.checkpoint import write_tensors
from assortment.learn.compute import device, drawing
from assortment.learn.loop import train
from assortment.learn.schedule import Trained
from assortment.learn.track import UNTRACKED, Tracker

PEOPLE = 4_000
"""The most people who are asked; half of them choose the weights, the other half judge them."""


def finetune(
    dataset: Dataset,
    recipe: Finetune,
    serving: Encoder,
    folder: Path,
    tracker: Tracker = UNTRACKED,
    clock: Callable[[], float] = time.monotonic,
) -> Finetuned:
    """Tune an encoder on a log, and write into the folder its `delta.safetensors` and, in `onnx/`, what serves.

    Each person's last moment is held out; half of these people choose when to stop, the other half tell whether it was worth
    it. serving: the encoder that it is to beat. A run that was killed goes on from `run.safetensors` in the folder, which is
    gone when it is done. clock: by which the minutes are counted. Raises `BadInput` for a log that teaches nothing or
    in which there is nobody to ask.
    """
    texts = verbalise(dataset.catalog)
    split = last_out(dataset)
    choosing, judging = halves(split.cases, recipe.seed)
    taught = lessons(split.past, recipe.decay)
    trainable = open_trainable(based_on(recipe.base, serving.spec), recipe.tokens)
    with drawing(recipe.seed, 0):
        adapted = adapt(trainable.module.backbone, recipe.method, recipe.rank)
        heads = Heads.of(dataset.catalog, recipe.labels, trainable.dims)
    trainable.module.backbone = adapted.model
    model = nn.ModuleDict({"encoder": trainable.module, **({"head": heads.head} if heads.head else {})}).to(device())
    n = len(dataset.catalog)
    objective = Objective(recipe, trainable, trainable.tokens(texts), taught, Questions.of(choosing, n, recipe.decay), heads)
    run = folder / "run.safetensors"
    done = train(
        model,
        lambda step, rng: objective.loss(step, rng) + adapted.penalty(),
        objective.measure,
        recipe.schedule(len(objective.goods)),
        name=f"finetune {recipe.method}",
        file=run,
        about=_about(recipe, dataset, texts),
        tracker=tracker,
        rule=adapted.rule,
        clock=clock,
    )
    delta = trained(trainable.module)
    write_tensors(folder / "delta.safetensors", delta, {"method": recipe.method, "base": recipe.base, "rank": str(recipe.rank)})
    export(trainable, adapted.merged(), folder / "onnx", [text for text in texts if text][:64])
    encoder = cached(open_onnx(f"onnx:{folder / 'onnx'}"))
    questions = Questions.of(judging, n, recipe.decay)
    before, after = (questions.recall(whitened(one.encode(texts), recipe.dims)[0]) for one in (cached(serving), encoder))
    found = _finetuned(recipe, serving, bool(taught.written), sum(part.numel() for part in delta.values()), done, before, after)
    run.unlink()
    return found


def halves(cases: Sequence[Case], seed: int) -> tuple[list[Case], list[Case]]:
    """People who choose, and others who judge; at most `PEOPLE` together."""
    if len(cases) < 2:
        raise BadInput(
            f"{len(cases)} people took one thing after another; tuning needs at least two, one to choose and one to judge by"
        )
    drawn = np.random.default_rng(seed).permutation(len(cases))[:PEOPLE]
    middle = len(drawn) // 2
    return [cases[row] for row in drawn[:middle]], [cases[row] for row in drawn[middle:]]


def _about(recipe: Finetune, dataset: Dataset, texts: Sequence[str]) -> str:
    """Which run this is: of these settings, texts and events."""
    events = dataset.events
    log = [np.ascontiguousarray(column).tobytes().hex() for column in (events.time, events.user, events.item)]
    return f"{recipe.method} {fingerprint_of(repr(recipe), ascii(texts), *log)}"


def _finetuned(
    recipe: Finetune,
    serving: Encoder,
    words: bool,
    numbers: int,
    done: Trained,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> Finetuned:
    frozen, tuned, gain = (measured(values, recipe.seed) for values in (before, after, after - before))
    return Finetuned(recipe, serving.fingerprint, words, numbers, done.points, done.stopped, frozen, tuned, gain)


def measured(values: NDArray[np.float64], seed: int) -> Measure:
    """The mean over people, and where it would lie with other people."""
    draws = np.concatenate([values @ drawn / len(values) for drawn in weights(len(values), np.random.default_rng(seed))])
    return interval("Recall@10", float(values.mean()), draws, len(values), centred=False)
