"""A number with its uncertainty: offline metric, off-policy estimate and A/B result alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """mean over n cases and the ends of its confidence interval."""

    name: str
    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.name} {self.mean:.4f} [{self.low:.4f}, {self.high:.4f}] n={self.n}"
