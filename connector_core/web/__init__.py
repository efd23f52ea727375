"""The service over HTTP: one app, a blueprint per audience. What comes in is parsed, an operation does it."""
