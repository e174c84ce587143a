"""What Alembic runs. The connection, its transaction and its lock are those of `assortment.store.migrate`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table=context.config.attributes["version_table"])
context.run_migrations()
