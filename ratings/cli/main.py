"""Commands, options and exit codes.

0: done. 1: the votes cannot be used, with the reason on standard error, or a snapshot was not
reproduced. 2: invalid command line.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from ratings.cli.errors import InputError, UsageError
from ratings.cli.files import votes_file
from ratings.cli.output import note
from ratings.core import RatingsError

DONE, FAILED = 0, 1
SCRIPT = "evenhand-ratings"  # where it is installed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):  # names of models may have what it cannot write
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with _files(options):
            code = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        parser.error(str(error))
    except (InputError, RatingsError) as error:
        return _failed(str(error))
    except BrokenPipeError:
        _drop_output()
        return DONE
    except OSError as error:  # a file that cannot be read, or a full disk
        if error.filename is None:
            _drop_output()
        return _failed(": ".join(filter(None, (error.filename, f"{error.strerror}."))))
    return code or DONE


def _failed(why: str) -> int:
    note(why)
    return FAILED


def _drop_output() -> None:
    """What is still buffered: it cannot be written, and Python's last flush would say so again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _files(options: argparse.Namespace) -> Iterator[None]:
    """Replace paths by the files."""
    with ExitStack() as stack:
        for name in ("votes", "tallies"):
            if (path := getattr(options, name, None)) is not None:
                setattr(options, name, stack.enter_context(votes_file(path)))
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=SCRIPT if Path(sys.argv[0]).stem == SCRIPT else "python -m ratings",
        description="Ratings from votes on pairs of models, honest about uncertainty.",
        epilog="VOTES is a .csv, .tsv, .json, .jsonl or .parquet file, also with .gz, or - for "
        "standard input. Its columns are model_a, model_b, winner (model_a, model_b, tie, "
        "'tie (bothbad)' or both_bad) and optionally judge, tstamp (seconds or ISO 8601), "
        "weight, and response_a and response_b (or conversation_a and conversation_b); or those of "
        "a release of Chatbot Arena, of LLMFAO, of compar:IA's votes, reactions or turns, of the "
        "log of FastChat's server, of Open WebUI's feedback, or of this arena's export.",
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
    _add_output(parser)
    parser.set_defaults(run=_command("rate"))


def _add_compare(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    parser.add_argument("models", nargs=2, metavar="MODEL", help="the two models, by name")
    _add_method(parser)
    _add_output(parser)
    parser.set_defaults(run=_command("compare"))


def _add_agreement(parser: argparse.ArgumentParser) -> None:
    _add_votes(parser)
    parser.add_argument("--item", metavar="COLUMN", help="groups the votes on the same answers")
    _add_output(parser)
    parser.set_defaults(run=_command("agreement"))


def _add_voters(parser: argparse.ArgumentParser) -> None:
    _add_votes(parser)
    parser.add_argument("--cluster", metavar="COLUMN", help="default: that of the voters")
    _add_format(parser)
    parser.set_defaults(run=_command("voters"))


def _add_reproduce(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="SNAPSHOT.zip")
    parser.set_defaults(run=_command("reproduce"))


def _add_votes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("votes", type=Path, metavar="VOTES")
    _add_strict(parser)


def _add_strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strict", action="store_true", help="stop at the first bad row, which is else left out"
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("votes", nargs="?", type=Path, metavar="VOTES")
    source.add_argument("--tallies", type=Path, metavar="FILE", help="aggregated votes, as JSON")
    _add_strict(parser)


def _add_method(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--method", choices=["bradley-terry", "elo"], default="bradley-terry")
    parser.add_argument("--ties", choices=["half", "davidson", "rao-kupper"], default="half")
    parser.add_argument("--interval", choices=["sandwich", "bootstrap"], default="sandwich")
    parser.add_argument("--cluster", metavar="COLUMN", help="groups the votes of one voter")
    parser.add_argument(
        "--decay", metavar="DAYS", type=float, help="half-life of a vote; needs tstamp"
    )
    parser.add_argument("--style", action="store_true", help="control for the answers' style")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plot", metavar="FILE.svg", type=Path, help="draw it as well")
    _add_format(parser)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["table", "json", "csv"], default="table")
