"""`make soak`: the long form of the kills, round after round on both databases; stops at the first broken promise."""

import sys
import time

from bench import kills
from scripts.processes import follow_make

ROUNDS, ENROLLMENTS, KILLS = 5, 1_500, 60


def main() -> int:
    follow_make()
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    for n in range(1, rounds + 1):
        for kind in ("sqlite", "postgresql"):
            began = time.monotonic()
            after = kills.chaos(kind, ENROLLMENTS, KILLS)
            print(f"round {n} of {rounds}, {kind}, {time.monotonic() - began:.0f} s: {after}", flush=True)
            if not after.is_clean or after.drained_s > 60:
                print("a promise was broken; see the line above")
                return 1
    print("nothing was lost and nothing was doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
