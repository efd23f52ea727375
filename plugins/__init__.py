"""One thin package per host: what only that host knows."""
