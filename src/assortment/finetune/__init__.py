"""The text encoder, tuned on what people did. Needs the `train` extra."""
