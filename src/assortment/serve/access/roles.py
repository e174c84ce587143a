"""The roles, and the doors that each may go through. A door that is not named here is the operator's alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assortment.core.errors import did_you_mean


@dataclass(frozen=True)
class Role:
    """What somebody may be. says: in words; rate: the requests a second of a key that is given no other."""

    name: str
    says: str
    rate: float


ROLES: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role("events", "may tell what people did, and read nothing: for a shop's pages", 50),
        Role("read", "may ask for slates and goods: for a shop's server", 200),
        Role("operator", "may do all but export and forget people: for who runs the shop", 50),
        Role("privacy", "may look at, export and forget people, and read the audit log", 5),
        Role("metrics", "may read /metrics: for what watches the server", 5),
    )
}

EVERYBODY = frozenset(ROLES)
OPERATOR = frozenset({"operator"})
PRIVACY = frozenset({"privacy"})
EVENTS = frozenset({"events", "operator"})
READ = frozenset({"read", "operator"})
PERSON = frozenset({"operator", "privacy"})
METRICS = frozenset({"metrics", "operator"})

PAGES = frozenset({"operator", "privacy"})
"""Who may log in: the other roles are for programs."""

OPEN = re.compile(r"/(static/.*|login(/[^/]*)?|logout|health/(live|ready)|openapi\.json|docs)")
"""Where anybody may go, be the shop locked or not."""

DOORS: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = tuple(
    (method, re.compile(path, re.DOTALL), roles)
    for method, path, roles in (
        ("POST", r"/api/events(/.*)?", EVENTS),
        ("GET", r"/gorse/api/(recommend|popular|latest|health)(/.*)?", READ),
        ("POST", r"/gorse/api/session/recommend(/.*)?", READ),
        ("GET", r"/gorse/api/items?(/.*)?", READ),
        ("DELETE", r"/gorse/api/user/.+", PRIVACY),
        ("GET", r"/api/recommend/.+", READ),
        ("POST", r"/api/recommend", READ),
        ("GET", r"/api/search", READ),
        ("GET", r"/api/items/.+", READ),
        ("GET", r"/api/health", EVERYBODY),
        ("GET", r"/api/audit", PERSON),
        ("GET", r"/api/users/.+/export", PRIVACY),
        ("DELETE", r"/api/users/.+", PRIVACY),
        ("GET", r"/api/users(/.+)?", PERSON),
        ("PUT", r"/api/users/.+/muted", PERSON),
        ("GET", r"/metrics", METRICS),
        ("POST", r"/me/forget", PRIVACY),
        ("POST", r"/me/muted", PERSON),
        ("GET", r"/me", PERSON),
        ("GET", r"/", PERSON),
    )
)
"""Method, path and roles; the first that fits counts."""


def role_named(name: str) -> Role:
    """A role; raises `UnknownName` with the nearest."""
    if name not in ROLES:
        raise did_you_mean("role", name, ROLES)
    return ROLES[name]


def is_open(path: str) -> bool:
    """Whether anybody may go there.

    >>> is_open("/health/live"), is_open("/static/../api/users"), is_open("/api/users")
    (True, False, False)
    """
    return ".." not in path and OPEN.fullmatch(path) is not None


def who_may(method: str, path: str) -> frozenset[str]:
    """The roles that may do this.

    >>> sorted(who_may("GET", "/api/recommend/ann")), sorted(who_may("POST", "/api/goods"))
    (['operator', 'read'], ['operator'])
    """
    method = "GET" if method == "HEAD" else method
    return next((roles for named, door, roles in DOORS if named == method and door.fullmatch(path)), OPERATOR)
