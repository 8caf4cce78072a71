"""Commands, options and exit codes.

0: done. 1: the votes cannot be used, with the reason on standard error, or a snapshot was not
reproduced. 2: invalid command line.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from ratings.cli.errors import InputError, UsageError
from ratings.core import RatingsError

DONE, FAILED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        parser.error(str(error))
    except (InputError, RatingsError) as error:
        print(f"ratings: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader closed the pipe; without this, Python's last flush would print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code or DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ratings",
        description="Ratings from votes on pairs of models, honest about uncertainty.",
        epilog="VOTES is a .csv, .jsonl or .parquet file with columns model_a, model_b, winner "
        "(model_a, model_b, tie, 'tie (bothbad)' or both_bad) or, as LLMFAO has them, left, right, "
        "winner (left, right or tie); and optionally judge, tstamp (seconds or ISO 8601), "
        "weight, and response_a and response_b (or conversation_a and conversation_b).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_rate(commands.add_parser("rate", help="a leaderboard"))
    _add_compare(commands.add_parser("compare", help="two models side by side"))
    _add_agreement(commands.add_parser("agreement", help="do voters agree, is there a side bias?"))
    _add_voters(commands.add_parser("voters", help="voters who vote unlike the others"))
    _add_reproduce(commands.add_parser("reproduce", help="compute a published snapshot again"))
    return parser


def _command(name: str) -> Callable[[argparse.Namespace], int | None]:
    # Imported when it runs: modules that only some commands need, such as scipy.stats, take most of
    # a second.
    def run(options: argparse.Namespace) -> int | None:
        code: int | None = import_module(f"ratings.cli.{name}").run(options)
        return code

    return run


def _add_rate(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    _add_method(parser)
    parser.add_argument("--anchor", metavar="MODEL=SCORE", help="default: the mean is 1000")
    _add_format(parser)
    parser.set_defaults(run=_command("rate"))


def _add_compare(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    parser.add_argument("models", nargs=2, metavar="MODEL", help="the two models, by name")
    _add_method(parser)
    _add_format(parser)
    parser.set_defaults(run=_command("compare"))


def _add_agreement(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("votes", type=Path, metavar="VOTES")
    parser.add_argument("--item", metavar="COLUMN", help="groups the votes on the same answers")
    _add_format(parser)
    parser.set_defaults(run=_command("agreement"))


def _add_voters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("votes", type=Path, metavar="VOTES")
    parser.add_argument("--cluster", metavar="COLUMN", default="judge", help="default: judge")
    _add_format(parser)
    parser.set_defaults(run=_command("voters"))


def _add_reproduce(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="SNAPSHOT.zip")
    parser.set_defaults(run=_command("reproduce"))


def _add_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("votes", nargs="?", type=Path, metavar="VOTES")
    source.add_argument("--tallies", type=Path, metavar="FILE", help="aggregated votes, as JSON")


def _add_method(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--method", choices=["bradley-terry", "elo"], default="bradley-terry")
    parser.add_argument("--ties", choices=["half", "davidson", "rao-kupper"], default="half")
    parser.add_argument("--interval", choices=["sandwich", "bootstrap"], default="sandwich")
    parser.add_argument("--cluster", metavar="COLUMN", help="groups the votes of one voter")
    parser.add_argument(
        "--decay", metavar="DAYS", type=float, help="half-life of a vote; needs tstamp"
    )
    parser.add_argument("--style", action="store_true", help="control for the answers' style")


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["table", "json", "csv"], default="table")
