"""Counts of workshops: opened, counted on phones, compared with the books, closed by the manager."""
