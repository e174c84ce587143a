"""How an encoder is tuned: the settings of a run."""

import math
from dataclasses import dataclass

from assortment.core.errors import BadSetting, did_you_mean, within
from assortment.learn.schedule import PRECISIONS, Schedule

RATES = {"full": 5e-5, "lora": 5e-4, "adalora": 2e-3, "adapter": 1e-3, "prefix": 1e-2}
"""The learning rate of each method: that of `lora` chosen on validation of Amazon Office 2014, the others the usual ones."""


@dataclass(frozen=True)
class Finetune:
    """method: `full`, `lora`, `adalora`, `adapter` or `prefix`; minutes: of training, above 0; base: the encoder that is tuned,
    `pkg:minilm`, `pkg:me5-small`, `hf:…`, or `auto` for the one that serves; rank: size of what is trained, 1 … 256, as in
    `adapt`; rate: above 0, None for the method's own; temperature: above 0, only the nearest wrong goods count … 1, all do;
    tokens: so many of a text are read, then and afterwards, 4 … 256; batch: goods that are read in a step, 2 …; candidates:
    wrong goods that stand against a right one, 2 …; labels: a column of the catalog that is learnt too, None for none; decay:
    of a history with each newer moment, 0 only the last … 1 all alike; dims: of the whitened vectors, as in `embed`;
    precision: `auto`, `fp32` or `bf16`; steps: at most so many; every: the steps between two looks, None for as many as make
    a look a small part of the time; patience: looks without a better one before the end; threads: of the processor; seed: of
    all that is drawn.
    """

    method: str = "lora"
    minutes: float = 20.0
    base: str = "auto"
    rank: int = 8
    rate: float | None = None
    temperature: float = 0.15
    tokens: int = 32
    batch: int = 64
    candidates: int = 5_000
    labels: str | None = None
    decay: float = 0.6
    dims: int = 256
    precision: str = "auto"
    steps: int = 1_000_000
    every: int | None = None
    patience: int = 5
    threads: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        for kind, value, known in (("method", self.method, RATES), ("precision", self.precision, PRECISIONS)):
            if value not in known:
                raise did_you_mean(kind, value, known)
        if not 0 < self.temperature <= 1:
            raise BadSetting(f"temperature is {self.temperature}; it goes from above 0 to 1")
        for name, low, high in (("tokens", 4, 256), ("rank", 1, 256), ("decay", 0, 1), ("dims", 1, 65_536)):
            within(name, getattr(self, name), low, high)
        for name in ("batch", "candidates"):
            within(name, getattr(self, name), 2, math.inf)
        self.schedule(1)

    def schedule(self, goods: int) -> Schedule:
        """The schedule of a run over so many goods. A look reads them all; between two looks some four times as many are learnt
        from, each costing three times as much."""
        return Schedule(
            minutes=self.minutes,
            steps=self.steps,
            every=self.every or max(10, 2 * goods // self.batch),
            patience=self.patience,
            rate=self.rate if self.rate is not None else RATES[self.method],
            seed=self.seed,
            threads=self.threads,
        )
