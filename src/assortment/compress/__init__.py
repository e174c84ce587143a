"""A shop's encoder made smaller and faster, step by step, each step kept only where the shop's own people would not notice."""
