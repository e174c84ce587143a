"""`python -m assortment.cli` is `assortment`."""

from assortment.cli import main

main()
