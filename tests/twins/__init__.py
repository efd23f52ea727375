"""Twins: hosts as their vendors describe them, on loopback ports, refusing what the real ones refuse."""
