"""The long run: simulated people, and slates chosen by what they do to the visits after this one."""
