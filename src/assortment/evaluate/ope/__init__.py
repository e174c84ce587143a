"""What another policy would have earned, by the log of the one that served."""
