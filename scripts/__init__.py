"""Entry points behind the Makefile."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 this is where an older one is told so
    raise SystemExit("Doreh needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
