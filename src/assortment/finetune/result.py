"""What a run came to."""

from dataclasses import dataclass

from assortment.core.measure import Measure
from assortment.finetune.recipe import Finetune
from assortment.learn.schedule import Point


@dataclass(frozen=True)
class Finetuned:
    """What a run came to.

    recipe: its settings; base: the fingerprint of the encoder that it is measured against; words: whether it learnt from what
    people wrote, too; trained: how many numbers; points: its looks, each Recall@10 of those who choose; stopped: why it ended;
    frozen and tuned: Recall@10 of those who judge, of the encoder that serves and of the tuned one as exported; gain: the
    difference, person by person.
    """

    recipe: Finetune
    base: str
    words: bool
    trained: int
    points: tuple[Point, ...]
    stopped: str
    frozen: Measure
    tuned: Measure
    gain: Measure

    @property
    def won(self) -> bool:
        """Whether it is better beyond what chance would give: the whole interval lies above 0."""
        return self.gain.low > 0
