"""Each revision of the tables as a step of Alembic. `assortment.store.migrate` takes them."""
