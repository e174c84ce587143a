"""Who may do what: roles, the gate before every door, and logging in."""
