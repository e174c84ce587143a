"""The vectors of all goods as they were when last read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assortment.core.arrays import Vectors
from assortment.core.progress import tell
from assortment.language.module import Trainable
from assortment.learn.compute import precise


@dataclass(frozen=True, eq=False)
class Table:
    """plain [n, d]: as the encoder gives them; mean [d] of those that have words; centred [n, d]: unit rows around it."""

    plain: Tensor
    mean: Tensor
    centred: Tensor

    def after(self, goods: Tensor, vectors: Tensor) -> "Table":
        """The table once some goods have other vectors. Gradients go through those."""
        plain = self.plain.index_copy(0, goods, vectors)
        return Table(plain, self.mean, self.centred.index_copy(0, goods, _around(self.mean, vectors)))

    def detached(self) -> "Table":
        """Without gradients."""
        return Table(self.plain.detach(), self.mean, self.centred.detach())

    @property
    def vectors(self) -> Vectors:
        """The plain ones."""
        return self.plain.detach().cpu().numpy()


def _around(mean: Tensor, vectors: Tensor) -> Tensor:
    """[b, d] to unit rows; zero rows stay zero."""
    said = vectors.detach().abs().sum(1, keepdim=True) > 0
    return nn.functional.normalize(torch.where(said, vectors - mean, 0.0), dim=1)


def read(trainable: Trainable, tokens: Sequence[Sequence[int]], precision: str) -> Table:
    """Read all goods."""
    where = next(trainable.module.parameters()).device
    plain = torch.zeros(len(tokens), trainable.dims, device=where)
    done, total = 0, sum(map(bool, tokens))
    with torch.no_grad(), precise(precision, where), _evaluating(trainable.module):
        for rows, found in trainable.all(tokens):
            plain[rows] = found.float()
            done += len(rows)
            tell("read", done, total)
    mean = plain.sum(0) / max(1, total)
    return Table(plain, mean, _around(mean, plain))


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(training)
