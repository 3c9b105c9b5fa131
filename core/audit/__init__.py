"""Who changed the state of what, for whom, when and why."""
