"""What else an encoder may learn: a column of the catalog, labels by BCE or numbers by MSE, each by a head of its own."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assortment.core.catalog import Catalog, labels
from assortment.core.errors import BadInput
from assortment.learn.losses import bce, mse


@dataclass(frozen=True, eq=False)
class Heads:
    """head: a layer from the encoder's vectors, None where nothing is learnt beside; wanted [n, columns]: NaN where not known;
    labelled: the values are labels, not numbers."""

    head: nn.Linear | None
    wanted: Tensor
    labelled: bool

    @staticmethod
    def of(catalog: Catalog, column: str | None, dims: int) -> "Heads":
        """The head for a column; raises `UnknownName` or `BadInput` for one that teaches nothing."""
        if column is None:
            return Heads(None, torch.full((len(catalog), 1), torch.nan), False)
        values = catalog.known(column)
        wanted = _labels(values) if values.dtype == object else _numbers(values)
        if not wanted.shape[1] or len(np.unique(wanted[~np.isnan(wanted)])) < 2:
            raise BadInput(f"column '{column}' says the same of all goods, or nothing; there is nothing to learn from it")
        return Heads(nn.Linear(dims, wanted.shape[1]), torch.from_numpy(wanted), values.dtype == object)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Goods of which anything is known."""
        return (~torch.isnan(self.wanted)).any(1).numpy()

    def __call__(self, goods: NDArray[np.int64], read: Tensor) -> Tensor:
        """The loss on the goods just read."""
        if self.head is None:
            return torch.zeros((), device=read.device)
        said, wanted = self.head(read), self.wanted[torch.from_numpy(goods)].to(read.device)
        return bce(said, wanted) if self.labelled else mse(said, wanted)


def _labels(values: NDArray[np.object_]) -> NDArray[np.float32]:
    found = labels(values).member.toarray().astype(np.float32)
    found[found.sum(1) == 0] = np.nan
    return found


def _numbers(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Less their mean, over their spread."""
    if np.isnan(values).all():
        return np.empty((len(values), 0), np.float32)
    return ((values - np.nanmean(values)) / (np.nanstd(values) or 1.0)).astype(np.float32)[:, None]
