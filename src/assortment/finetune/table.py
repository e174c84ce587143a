"""The vectors of all goods as they were when last read, and as the shop compares them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assortment.core.arrays import Vectors
from assortment.core.progress import tell
from assortment.finetune.readout import whitened
from assortment.language.module import Trainable
from assortment.learn.compute import precise


@dataclass(frozen=True, eq=False)
class Table:
    """plain [n, d]: as the encoder gives them; white [n, dims]: as `embed` would; mean [d] and matrix [d, dims]: its
    whitening."""

    plain: Tensor
    white: Tensor
    mean: Tensor
    matrix: Tensor

    def whiten(self, vectors: Tensor) -> Tensor:
        """[b, d] to unit rows [b, dims]; zero rows stay zero."""
        said = vectors.detach().abs().sum(1, keepdim=True) > 0
        return nn.functional.normalize(torch.where(said, (vectors - self.mean) @ self.matrix, 0.0), dim=1)

    def after(self, goods: Tensor, vectors: Tensor) -> "Table":
        """The table once some goods have other vectors. Gradients go through those."""
        plain, white = self.plain.index_copy(0, goods, vectors), self.white.index_copy(0, goods, self.whiten(vectors))
        return Table(plain, white, self.mean, self.matrix)

    def detached(self) -> "Table":
        """Without gradients."""
        return Table(self.plain.detach(), self.white.detach(), self.mean, self.matrix)

    @property
    def vectors(self) -> Vectors:
        """The white ones."""
        return self.white.detach().cpu().numpy()


def read(trainable: Trainable, tokens: Sequence[Sequence[int]], dims: int, precision: str) -> Table:
    """Read all goods, and whiten them as `embed` would."""
    where = next(trainable.module.parameters()).device
    plain = torch.zeros(len(tokens), trainable.dims, device=where)
    done, total = 0, sum(map(bool, tokens))
    with torch.no_grad(), precise(precision, where), _evaluating(trainable.module):
        for rows, found in trainable.all(tokens):
            plain[rows] = found.float()
            done += len(rows)
            tell("read", done, total)
    white, whitening = whitened(plain.cpu().numpy(), dims)
    mean, matrix = (torch.from_numpy(part).to(where) for part in (whitening.mean, whitening.matrix))
    return Table(plain, torch.from_numpy(white).to(where), mean, matrix)


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(training)
