"""`python -m assortment.cli` is `assortment`."""

from assortment.cli.commands import main

main()
