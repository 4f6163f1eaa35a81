"""A small second app that plays the outside systems, for demonstrations and tests."""
