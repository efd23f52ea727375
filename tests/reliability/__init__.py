"""Whatever dies, and whatever the host does: the end is that of a run in which nothing went wrong."""
