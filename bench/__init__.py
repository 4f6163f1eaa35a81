"""Measures what README's budgets promise, on real processes."""
