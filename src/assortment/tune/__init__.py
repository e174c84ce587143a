"""The most variety that keeps a share of the accuracy: searched on one part of the log, looked at once on another."""
