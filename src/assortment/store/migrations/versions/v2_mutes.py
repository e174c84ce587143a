"""What people mute."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ARRIVAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mute",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("field", NAME, nullable=False),
        sa.Column("value", NAME, nullable=False),
        sa.Column("muted", sa.Boolean, nullable=False),
        sa.Column("goods", sa.JSON, nullable=False),
    )
    op.create_index("mute_person", "mute", ["person"])
    op.execute("UPDATE assortment SET version = 2")
