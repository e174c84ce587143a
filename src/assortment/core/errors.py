"""What can go wrong, in the user's words. Everything we raise on purpose is an `AssortmentError`."""

from collections.abc import Iterable
from difflib import get_close_matches


class AssortmentError(Exception):
    """A mistake that the user can mend; the message says how. The command line prints it and exits with 1."""


class BadInput(AssortmentError, ValueError):
    """A file, a row, a column or a value that cannot be used."""


class BadSetting(AssortmentError, ValueError):
    """A setting outside its range, or one that does not exist."""


class UnknownName(AssortmentError, LookupError):
    """A name that nothing answers to: an item, a column, a part."""


class StoreError(AssortmentError, RuntimeError):
    """The log could not be read or written: locked, read-only, unreachable, of another version."""


def did_you_mean(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a misspelt name: the nearest known one, or all of them when none is near.

    >>> str(did_you_mean("part", "diversfy", ["diversify", "policy"]))
    "no part 'diversfy'; did you mean 'diversify'?"
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    way_out = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names) or 'none'}"
    return UnknownName(f"no {kind} '{name}'; {way_out}")


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise `BadSetting` unless low <= value <= high (NaN is outside)."""
    if not low <= value <= high:
        raise BadSetting(f"{name} is {value}; it goes from {low} to {high}")
