"""What a model is punished for: the wrong one of many (InfoNCE), the wrong labels (BCE), the wrong number (MSE)."""

from collections.abc import Sequence

import torch
from torch import Tensor


def info_nce(
    scores: Tensor, target: Tensor, temperature: float, drawn: Tensor | None = None, barred: Tensor | None = None
) -> Tensor:
    """The mean of `-log softmax` of the right candidate (van den Oord et al., 2018), over those drawn as if over all.

    scores [b, c] of c candidates; target [b] the place of the right one among them. temperature: above 0, only the best wrong
    one counts … large, all count alike. drawn [c] or [b, c]: the logarithm of how likely each candidate was to be among them,
    which is taken from its score but not from the right one's (logQ, Bengio and Senécal, 2008; Yi et al., RecSys 2019): without
    it what sells well is punished for being drawn often. barred [b, c]: candidates that are not wrong and do not count.

    >>> scores, right = torch.tensor([[2.0, 1.0, 1.0]]), torch.tensor([0])
    >>> both = info_nce(scores, right, 1.0)
    >>> half = info_nce(scores[:, :2], right, 1.0, drawn=torch.tensor([0.5, 0.5]).log())
    >>> torch.allclose(both, half)
    True
    """
    logits = scores / temperature
    rows = torch.arange(len(target), device=scores.device)
    right = logits[rows, target]
    others = logits if drawn is None else logits - drawn
    if barred is not None:
        others = others.masked_fill(barred, float("-inf"))
    others = others.clone()
    others[rows, target] = right
    return (torch.logsumexp(others, 1) - right).mean()


def bce(scores: Tensor, labels: Tensor) -> Tensor:
    """The binary cross-entropy of each label by itself. scores [b, labels] before the sigmoid; labels [b, labels] 0 … 1, NaN
    where it is not known; zero where none is."""
    known = ~torch.isnan(labels)
    return (
        torch.nn.functional.binary_cross_entropy_with_logits(scores[known], labels[known]) if known.any() else 0 * scores.sum()
    )


def mse(scores: Tensor, numbers: Tensor) -> Tensor:
    """The mean squared error. scores [b, columns]; numbers [b, columns], NaN where not known; zero where none is."""
    known = ~torch.isnan(numbers)
    return ((scores[known] - numbers[known]) ** 2).mean() if known.any() else 0 * scores.sum()


def orthogonal(matrices: Sequence[Tensor]) -> Tensor:
    """How far the rows of matrices are from standing at right angles with length 1: the mean of `|P Pᵀ - I|²` (AdaLoRA, Zhang
    et al., ICLR 2023)."""
    total = torch.zeros(())
    for matrix in matrices:
        wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        total = total + ((wide @ wide.T - torch.eye(len(wide), device=matrix.device)) ** 2).sum()
    return total / max(len(matrices), 1)
