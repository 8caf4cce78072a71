"""`reproduce`: recompute a published snapshot."""

import argparse

from ratings.archive import reproduce


def run(options: argparse.Namespace) -> int:
    """Compare the result with the publication; 1 when they differ."""
    return reproduce.main(options.file)
