"""Demo data that looks like life: the same people, places and courses every time."""
