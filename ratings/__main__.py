"""`python -m ratings`: ratings of anybody's votes from the command line."""

import sys

from ratings.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
