"""One module a revision; the newest is `assortment.store.tables.REVISION`."""
