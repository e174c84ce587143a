"""Proof on living people: who sees which arm, what they did, and what may be said of it."""
