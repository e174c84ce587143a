"""What was found out about a shop and is kept in its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assortment import kept

if TYPE_CHECKING:
    from assortment.compress.compressed import Compressed
    from assortment.judge import Judgement
    from assortment.portrait.segments import Segments
    from assortment.rl.told import LearnedPolicy, Simulation
    from assortment.tune.recipes import Turned
    from assortment.tune.tuned import Tuned

T = TypeVar("T")

FILES = {
    "Judgement": ("judged.json", "evaluate {}"),
    "Tuned": ("tuned.json", "tune {} --keep-ndcg 0.99"),
    "Turned": ("turned.json", "tune {}"),
    "Compressed": ("compressed.json", "compress {} --int8"),
    "Segments": ("segments.json", "segments {}"),
    "Simulation": ("simulated.json", "simulate {}"),
    "LearnedPolicy": ("learned.json", "learn-policy {}"),
}
"""The file of each finding, and the command that makes it anew."""


@dataclass(frozen=True)
class Findings:
    """What the last run of each command found: None where it never ran. Raises `BadInput` for a file that is damaged."""

    folder: Path

    @property
    def judged(self) -> "Judgement | None":
        """What was last measured."""
        from assortment.judge import Judgement

        return self._read(Judgement)

    @property
    def tuned(self) -> "Tuned | None":
        """How varied the shop was last tuned to be."""
        from assortment.tune.tuned import Tuned

        return self._read(Tuned)

    @property
    def turned(self) -> "Turned | None":
        """Which fields of what retrieves were last chosen."""
        from assortment.tune.recipes import Turned

        return self._read(Turned)

    @property
    def compressed(self) -> "Compressed | None":
        """What smaller encoders were last measured to be worth."""
        from assortment.compress.compressed import Compressed

        return self._read(Compressed)

    @property
    def segments(self) -> "Segments | None":
        """The groups that people were last put into."""
        from assortment.portrait.segments import Segments

        return self._read(Segments)

    @property
    def simulated(self) -> "Simulation | None":
        """What simulated people last came to under the policies of the shop."""
        from assortment.rl.told import Simulation

        return self._read(Simulation)

    @property
    def learned(self) -> "LearnedPolicy | None":
        """What was last learned for the long run, and which policy serves."""
        from assortment.rl.told import LearnedPolicy

        return self._read(LearnedPolicy)

    def keep(self, found: object) -> None:
        """Keep a finding in place of the last of its type."""
        kept.write(self.folder / FILES[type(found).__name__][0], found)

    def _read(self, cls: type[T]) -> T | None:
        name, command = FILES[cls.__name__]
        file = self.folder / name
        return kept.read(file, cls, f"assortment {command.format(self.folder)}") if file.exists() else None
