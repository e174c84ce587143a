"""A shop's long run: its simulated people, the policy learned on them, the gate before it serves, and what is told of it."""
