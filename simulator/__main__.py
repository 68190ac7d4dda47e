"""`python -m simulator` opens the visual simulator: the one place that looks up from here."""

import sys

from fairweather import main

if __name__ == "__main__":
    sys.exit(main(["simulate", *sys.argv[1:]]))
