"""Words: goods put into text, text put into vectors."""
