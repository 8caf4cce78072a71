"""The data card beside an export: what it is, how it was made, and what one may do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from textwrap import dedent

from arena.models import Campaign
from arena.plurals import counted

from .formats import Format

GUARDED = """
The file is for spreadsheets, and not exact: an apostrophe stands before each cell that begins with
one of `=`, `+`, `-`, `@`, a tab or a carriage return, so that none is taken for a formula.
"""


@dataclass(frozen=True)
class SkipFacts:
    """The same of the file of skipped battles beside it."""

    file: str
    sha256: str
    battles: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The facts on the data card of an export."""

    campaign: Campaign
    format: Format
    file: str
    sha256: str
    votes: int
    elsewhere: int  # of these, imported votes
    left_out: int  # for want of consent
    made: datetime
    skips: SkipFacts | None = None
    odd: int = 0  # left out because something is wrong with them
    guarded: bool = False  # for a spreadsheet


def card(facts: Facts) -> str:
    """Markdown with the metadata header that data set hosts read."""
    campaign = facts.campaign
    return dedent("""\
        ---
        license: {licence}
        pretty_name: "{title}"
        task_categories: [text-generation]
        tags: [human preferences, pairwise comparison, {format}]
        ---

        # {title}

        {votes:,} votes by people who compared two anonymous answers by language models, in the
        format {format} ({format_title}).

        | | |
        |---|---|
        | file | `{file}` |
        | SHA-256 | `{sha256}` |
        | exported | {made:%Y-%m-%d %H:%M} UTC |
        | campaign | {slug}{description} |
        | source | {source} |
        | licence | {licence} |

        ## How it was made

        {elsewhere:,} of these votes were cast elsewhere: they are as their source gave them,
        without texts. For the others, cast in this arena:

        Names were hidden until the vote. Sides were assigned at random. Only votes by voters who
        agreed to publication are included; {left_out:,} others are left out{odd}. E-mail addresses,
        phone and card numbers, IBANs and API keys in texts are replaced by labels such as
        `[e-mail]`; names of people are not recognised. Voters are pseudonyms, the same in all
        exports of this arena. Token counts that no model reported are estimated as a quarter of
        the characters.
        {guarded}
        ## Columns

        {columns}
        {skips}""").format(
        title=campaign.name.replace('"', "'"),
        licence=campaign.licence,
        format=facts.format.name,
        format_title=facts.format.title,
        votes=facts.votes,
        odd=f", and {facts.odd:,} that could not be written" if facts.odd else "",
        file=facts.file,
        sha256=facts.sha256,
        made=facts.made,
        slug=campaign.slug,
        description=": " + " ".join(campaign.description.split()) if campaign.description else "",
        source=campaign.source or "this arena",
        elsewhere=facts.elsewhere,
        left_out=facts.left_out,
        columns=listed(facts.format.columns),
        guarded=GUARDED if facts.guarded else "",
        skips=about_skips(facts.skips) if facts.skips else "",
    )


def about_skips(facts: SkipFacts) -> str:
    return dedent("""
        ## Battles without a verdict

        `{file}` (SHA-256 `{sha256}`) holds {battles} whose voters chose "can't tell", of
        those who agreed to publication, redacted in the same way. They count for neither model: do
        not read them as ties. Columns: {columns}
        """).format(
        file=facts.file,
        sha256=facts.sha256,
        battles=counted(facts.battles, "battle"),
        columns=listed(facts.columns),
    )


def listed(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)
