"""Visits to a bank, from the form that asks for one to the credit in a purse."""
