"""Everything that is tried before it is believed."""

from scripts.processes import collect_rarely

collect_rarely()  # before the product is loaded
