"""Jobs: put them, and they are done soon, at least once."""
