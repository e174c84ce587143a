"""Training: losses, a loop that can be stopped at any moment, and what watches it. Needs the `train` extra."""
