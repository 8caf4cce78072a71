"""`python -m ratings`: ratings of anybody's votes from the command line."""

import os
import sys

# Before numpy is loaded: on a machine that does other things too, a second thread of its linear
# algebra mostly waits for the first, and takes a processor for it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ratings.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
