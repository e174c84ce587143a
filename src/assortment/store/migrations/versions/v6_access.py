"""Keys, sessions, links and the audit log. Programs of before made these tables beside the revisions: those are taken in
as they are, with what is in them."""

import sqlalchemy as sa
from alembic import op

from assortment.store.migrate import made_beside

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    there = made_beside(op.get_bind())
    for name, columns in (
        ("access_key", _key()),
        ("access_session", _session()),
        ("access_link", _link()),
        ("access_audit", _audit()),
    ):
        if name not in there:
            op.create_table(name, *columns)


def _key() -> list[sa.Column]:
    return [
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("rate", sa.Double),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
    ]


def _session() -> list[sa.Column]:
    return [
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("key", sa.BigInteger),
        sa.Column("until", sa.BigInteger, nullable=False),
    ]


def _link() -> list[sa.Column]:
    return [
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    ]


def _audit() -> list[sa.Column]:
    return [
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
    ]
