"""Work done outside requests; each job calls one service."""

from scripts.processes import collect_rarely

collect_rarely()  # before the product is loaded
