"""In how many milliseconds a slate was chosen; of those that are there, nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("slate", sa.Column("took", sa.Double))
