"""A question to the pipeline. All that a stage may know is in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assortment.core.errors import BadSetting, within
from assortment.core.profile import NOBODY, Profile


@dataclass(frozen=True)
class Wish:
    """The diversity contract. diversity: 0 relevance only … 1 variety only, None as the shop has set it; at_most: the most
    items of one slate that may share a value of a column, as in `{"brand": 2}`."""

    diversity: float | None = None
    at_most: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.diversity is not None:
            within("diversity", self.diversity, 0, 1)
        for column, most in self.at_most.items():
            if most < 1:
                raise BadSetting(f"at_most {column}={most}; it must be 1 or more")


@dataclass(frozen=True)
class Request:
    """k goods for a person at a moment.

    user: the shop's own id; time: milliseconds since 1970 UTC; about: item numbers of the product page or the basket that the
    slate stands beside; words: a query. Where `about` or `words` is given, it is the question, and the profile only the asker.
    """

    user: str = ""
    time: int = 0
    profile: Profile = NOBODY
    k: int = 10
    about: tuple[int, ...] = ()
    words: str = ""
    wish: Wish = Wish()
    context: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.k < 1:
            raise BadSetting(f"k is {self.k}; a slate has 1 item or more")

    @property
    def asked(self) -> bool:
        """True where the request names what it is about, in words or by goods."""
        return bool(self.about or self.words)
