"""One folder a host: ``connector.toml`` beside what the host itself wants to read."""
