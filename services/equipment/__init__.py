"""Equipment of workshops: what there is, how it moves, and what waits for the province."""
