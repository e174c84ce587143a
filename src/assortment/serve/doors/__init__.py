"""Events in the words of other systems: each module reads one of them into ours, and says what it passed over."""
