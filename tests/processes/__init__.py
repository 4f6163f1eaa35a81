"""The real processes, started and killed as on a machine."""
