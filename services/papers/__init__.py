"""Papers of enrollments: slips with a code to check them, lists of a class, and what was printed of them before."""
