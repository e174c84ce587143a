"""What a shop makes of a person, in words they can read, and of all its people: portraits and segments."""
