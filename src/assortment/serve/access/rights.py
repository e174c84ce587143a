"""What people may ask of a shop: all that it holds of them, and to be forgotten. Each time it is in the audit log."""

import uuid
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi import Path as InPath
from fastapi import Request as Asked
from pydantic import BaseModel, Field

from assortment.serve.access.gate import Gate, who_asks
from assortment.serve.messages import Id
from assortment.serve.people import PortraitOut, portrait_out
from assortment.serve.service import Service
from assortment.store.access import hashed

InPerson = Annotated[Id, InPath(description="the shop's own id of the person")]
PAST = ("releases and reports that were made before: until the next fit", "copies of the store: until they are replaced")


class Forgotten(BaseModel):
    """The receipt for a person who is removed."""

    ok: bool = True
    user: str
    removed: dict[str, int] = Field(description="rows removed, by table")
    emptied: list[str] = Field(description="what else held something of them and does no longer")
    remains: list[str] = Field(description="where something that follows from what they did may remain, and until when")
    time: int = Field(description="milliseconds since 1970 UTC")
    receipt: str = Field(description="the number of this receipt; the audit log has it, and no name")


class DeedHeld(BaseModel):
    """One thing that they did, as the log has it."""

    time: int
    item: str
    kind: str
    value: float | None
    slate: str | None
    id: str | None


class SlateHeld(BaseModel):
    """One slate that they were shown."""

    slate: str
    time: int
    arm: str
    items: list[str]
    propensity: list[float]
    took: float | None = Field(description="milliseconds in which it was chosen; null where nobody measured that")


class MuteHeld(BaseModel):
    """A kind of goods that they muted or took back."""

    time: int
    column: str
    value: str
    muted: bool


class Held(BaseModel):
    """All that the shop holds of a person, and what it makes of that."""

    user: str
    known_as: str = Field(description="what they are called in the store")
    time: int
    events: list[DeedHeld]
    shown: list[SlateHeld]
    muted: list[MuteHeld]
    said: dict[str, Any] | None = Field(description="what the shop said of them, as a client of Gorse does")
    portrait: PortraitOut


class Noted(BaseModel):
    """A line of the audit log."""

    time: int
    who: str
    role: str
    act: str
    about: str


def add_rights(web: FastAPI, service: Service, gate: Gate | None) -> None:
    """Give the API what people may ask, and, where there is a gate, the audit log."""

    @web.get("/api/users/{user:path}/export", tags=["people"], summary="All that is held of a person")
    def export(user: InPerson, asked: Asked) -> Held:
        """Every row of theirs, and the portrait that is drawn from them."""
        _note(service, gate, asked, "exported a person", hashed(user)[:16])
        held = service.held(user)
        return Held(
            user=user,
            known_as=service.known_as(user),
            time=service.clock(),
            events=[DeedHeld(**{name: getattr(one, name) for name in DeedHeld.model_fields}) for one in held.events],
            shown=[SlateHeld(**{name: getattr(one, name) for name in SlateHeld.model_fields}) for one in held.shown],
            muted=[MuteHeld(**{name: getattr(one, name) for name in MuteHeld.model_fields}) for one in held.muted],
            said=held.said,
            portrait=portrait_out(service.user(user)),
        )

    @web.delete("/api/users/{user:path}", tags=["people"], summary="Forget a person")
    def forget(user: InPerson, asked: Asked) -> Forgotten:
        """Removes what they did, what they were shown and what they muted, in the store and in memory. It cannot be undone."""
        return forgotten(service, gate, asked, user)

    if gate is not None:
        _add_audit(web, gate)


def forgotten(service: Service, gate: Gate | None, asked: Asked, user: str) -> Forgotten:
    """Forget a person for somebody who may, which the audit log has without the person's name; the receipt."""
    removed, receipt = dict(service.forget(user)), uuid.uuid4().hex
    _note(service, gate, asked, "forgot a person", f"{receipt}: {sum(removed.values())} rows")
    return Forgotten(
        user=user, removed=removed, emptied=["profiles"], remains=list(PAST), time=service.clock(), receipt=receipt
    )


def _note(service: Service, gate: Gate | None, asked: Asked, act: str, about: str) -> None:
    if gate is not None:
        who = who_asks(asked)
        gate.access.note(service.clock(), who.name, who.role, act, about)


def _add_audit(web: FastAPI, gate: Gate) -> None:
    @web.get("/api/audit", tags=["insight"], summary="Who did what")
    def audit(most: Annotated[int, Query(ge=1, le=1000, description="how many lines")] = 100) -> list[Noted]:
        """The latest first."""
        return [Noted(**vars(entry)) for entry in gate.access.entries(most)]
