"""What comes next, learnt from text: self-attention over the goods of a history (torch)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

SLOPES = (0.5, 0.05)
"""By how much the oldest and the youngest reaching head think less of each older visit, before anything is learnt."""


@dataclass(frozen=True)
class Shape:
    """text and dims: of the vectors of goods that come in, and of those that are learnt; blocks of self-attention, in so many
    heads; experts of the adaptor; ages: how many visits back are told apart; ids: goods that have a vector of their own, 0
    none."""

    text: int
    dims: int
    blocks: int
    heads: int
    experts: int
    ages: int
    ids: int


class Adaptor(nn.Module):
    """A mixture of whitening experts (Hou et al., KDD 2022): sum over e of g_e(x) (x - b_e) W_e, g = softmax(x G)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        start = torch.zeros(shape.experts, shape.text, shape.dims)
        start[:, : shape.dims, :] = torch.eye(shape.dims)[: shape.text]
        self.experts = nn.Parameter(start + torch.randn_like(start) * 0.02)
        self.centres = nn.Parameter(torch.zeros(shape.experts, shape.text))
        self.gate = nn.Parameter(torch.randn(shape.text, shape.experts) * 0.02)

    def forward(self, text: Tensor) -> Tensor:
        """[m, text] to [m, dims]; a row of zeros, of which nothing is known, stays zero."""
        said = torch.einsum("mt,etd->med", text, self.experts) - torch.einsum("et,etd->ed", self.centres, self.experts)
        weighed = (torch.softmax(text @ self.gate, -1)[..., None] * said).sum(1)
        return weighed * text.any(-1, keepdim=True)


class Block(nn.Module):
    """Self-attention and a layer of hidden units, each added to what came in (pre-norm)."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        d = shape.dims
        self.heads = shape.heads
        self.norm_in, self.norm_mid = nn.LayerNorm(d), nn.LayerNorm(d)
        self.asked, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.inner, self.outer = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        slopes = torch.linspace(*SLOPES, shape.heads)
        self.age = nn.Parameter(-slopes[:, None] * torch.arange(shape.ages))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, age: Tensor, hidden: Tensor) -> Tensor:
        """x [b, l, d]; age [b, l, l] how many visits before t s was; hidden [b, l, l] where t may not look at s."""
        b, length, d = x.shape
        q, k, v = self.asked(self.norm_in(x)).view(b, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = q @ k.transpose(-1, -2) / (d / self.heads) ** 0.5 + self.age[:, age].transpose(0, 1)
        weights = torch.softmax(weights.masked_fill(hidden[:, None], -torch.inf), -1)
        looked = (self.dropout(weights) @ v).transpose(1, 2).reshape(b, length, d)
        x = x + self.dropout(self.out(looked))
        return x + self.dropout(self.outer(torch.relu(self.inner(self.norm_mid(x)))))


class Network(nn.Module):
    """The whole: goods [n, d] from text and, where they have one, a vector of their own; a query [b, l, d] after each item."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        self.adaptor = Adaptor(shape)
        self.own = nn.Parameter(torch.zeros(shape.ids, shape.dims))
        self.blocks = nn.ModuleList(Block(shape, dropout) for _ in range(shape.blocks))
        self.norm = nn.LayerNorm(shape.dims)
        self.dropout = nn.Dropout(dropout)

    def goods(self, text: Tensor, numbers: Tensor, known: Tensor) -> Tensor:
        """Unit rows [m, d] for goods of the numbers [m]; known [m, 1]: 1 where its own vector counts, else 0."""
        adapted = self.adaptor(text)
        if self.shape.ids:
            adapted = adapted + known * self.own[numbers]
        return nn.functional.normalize(adapted, dim=-1, eps=1e-6)

    def queries(self, history: Tensor, visit: Tensor, there: Tensor) -> Tensor:
        """Unit rows [b, l, d] after each item of histories [b, l, d] of goods; visit [b, l] its number; there [b, l] bool."""
        length = history.shape[1]
        age = (visit[:, :, None] - visit[:, None, :]).clamp(0, self.shape.ages - 1)
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        itself = torch.eye(length, dtype=torch.bool)
        hidden = later | (~there[:, None, :] & ~itself)
        x = self.dropout(history * self.shape.dims**0.5)
        for block in self.blocks:
            x = block(x, age, hidden)
        return nn.functional.normalize(self.norm(x), dim=-1, eps=1e-6)


def arrays(network: Network) -> dict[str, NDArray[np.float32]]:
    """The weights by name."""
    return {name: value.detach().numpy().astype(np.float32) for name, value in network.state_dict().items()}
