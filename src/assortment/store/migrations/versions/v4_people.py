"""What a shop says of people itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ARRIVAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("arrival", ARRIVAL, primary_key=True),
        sa.Column("person", NAME, nullable=False, unique=True),
        sa.Column("known", sa.JSON, nullable=False),
    )
