"""The public routes of Gorse over our shop, below /gorse: a client of Gorse is given that address and works as it is."""
