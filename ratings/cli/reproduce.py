"""`reproduce`: compute a published snapshot again."""

import argparse

from ratings.archive import reproduce


def run(options: argparse.Namespace) -> int:
    """Compare what comes out with what was published; 1 when it differs."""
    return reproduce.main(options.file)
