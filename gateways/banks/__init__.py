"""The banks: one module each, behind the one interface of `base`."""
