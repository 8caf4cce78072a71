"""`python -m ratings`: ratings of anybody's votes from the command line."""

import os
import sys

# Set before numpy is loaded: on a shared machine a second BLAS thread mostly waits for the first
# and occupies a processor while it does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ratings.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
