"""What training runs on: threads, the processor or a graphics card, and how exact its numbers are."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from assortment.core.errors import did_you_mean
from assortment.learn.schedule import PRECISIONS


def device() -> torch.device:
    """A graphics card where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_bf16(where: torch.device) -> bool:
    """Whether numbers of 16 bits are computed by the machine itself; where they are not, they are slower than those of 32."""
    if where.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def precise(precision: str, where: torch.device) -> AbstractContextManager[object]:
    """Within this block, products of matrices are as exact as asked: `fp32`; `bf16`, 2 to 3 times as fast where the machine has
    it; `auto`, bf16 where it has."""
    if precision not in PRECISIONS:
        raise did_you_mean("precision", precision, PRECISIONS)
    half = precision == "bf16" or (precision == "auto" and has_bf16(where))
    return torch.autocast(where.type, torch.bfloat16) if half else nullcontext()


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Within this block torch computes on so many threads. More of them than free cores make it slower, not faster."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def drawing(seed: int, step: int) -> Iterator[None]:
    """Within this block torch draws what follows from a seed and the number of a step; afterwards as if nothing had been."""
    with torch.random.fork_rng():
        torch.manual_seed((seed * 1_000_003 + step) % 2**63)
        yield
