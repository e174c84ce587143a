"""The catalog, the log and what was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ARRIVAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    about = op.create_table("assortment", sa.Column("version", sa.Integer, nullable=False))
    op.bulk_insert(about, [{"version": 1}])
    op.create_table(
        "item",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("item", NAME, nullable=False, unique=True),
        sa.Column("known", sa.JSON, nullable=False),
    )
    op.create_table(
        "field",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("field", NAME, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("item", NAME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("slate", NAME),
    )
    op.create_index("event_person", "event", ["person"])
    _what_was_shown()


def _what_was_shown() -> None:
    op.create_table(
        "slate",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("slate", NAME, nullable=False, unique=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("arm", sa.Text, nullable=False),
    )
    op.create_index("slate_person", "slate", ["person"])
    op.create_table(
        "shown",
        sa.Column("slate", NAME, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("item", NAME, nullable=False),
        sa.Column("propensity", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
