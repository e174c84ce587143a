"""An event that its sender has named is taken once; what has changed can be seen by other processes; a store has a name."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("event", sa.Column("id", NAME))
    named = sa.text("id IS NOT NULL")
    op.create_index("event_id", "event", ["id"], unique=True, sqlite_where=named, postgresql_where=named)
    op.create_table(
        "change",
        sa.Column("about", NAME, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("assortment", sa.Column("name", sa.Text))
    op.execute(f"UPDATE assortment SET version = 3, name = '{secrets.token_hex(8)}'")
