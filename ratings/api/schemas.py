"""The response schemas of /api/v1/, as JSON Schema; each field with an example."""

from __future__ import annotations

from typing import Any

from arena.energy import METHOD
from arena.errors import Code

from .. import columns
from ..core.questions.margins import Relation
from ..models import AnswerSpeed, ReasonShare

Schema = dict[str, Any]


def text(example: str | None, says: str = "", *, empty: bool = False) -> Schema:
    """A text field; with `empty`, null when there is no value."""
    return field("string", example, says, empty=empty)


def number(example: float | None, says: str = "", *, empty: bool = False) -> Schema:
    return field("number", example, says, empty=empty)


def integer(example: int | None, says: str = "", *, empty: bool = False) -> Schema:
    return field("integer", example, says, empty=empty)


def boolean(says: str) -> Schema:
    return field("boolean", True, says, empty=False)


def field(kind: str, example: object, says: str, *, empty: bool) -> Schema:
    described = {"description": says} if says else {}
    return {"type": [kind, "null"] if empty else kind, **described, "examples": [example]}


def record(fields: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(rows: Schema, **more: Schema) -> Schema:
    return record(
        {
            "results": {"type": "array", "items": rows},
            "count": integer(1, "of all results"),
            "page": integer(1),
            "pages": integer(1),
            "left_out": integer(0, "results that something is wrong with, so they can't be shown"),
            **more,
        }
    )


CAMPAIGN = record(
    {
        "slug": text("arena"),
        "name": text("Arena"),
        "kind": {"type": "string", "enum": ["LIVE", "PREPARED", "IMPORTED"]},
        "source": text("", "where imported votes come from"),
        "licence": text("", "of imported votes"),
        "ratings": text("/api/v1/campaigns/arena/ratings/", "address of the newest board"),
    }
)
SLICE = record(
    {
        "slice": text("coding", "as the parameter `slice` takes it"),
        "name": text("Coding"),
        "group": {
            "type": "string",
            "enum": ["category", "language", "length", "criterion", "time"],
        },
        "votes": integer(412),
        "rated": boolean("whether these are enough for a ranking"),
    }
)
SHARE = record(
    {
        "start": text("2026-03-02", "first day of the week or month"),
        "organisation": text("Ada Labs"),
        "places": integer(210, "in battles that got a vote, two per vote"),
        "share": number(0.31, "of all places in that time"),
    }
)
ESTIMATE = {
    **record({"value": number(0.42), "lower": number(0.39), "upper": number(0.46)}),
    "description": "with its 95% interval",
}
RANGE = {
    **record({"value": number(0.089), "lower": number(0.063), "upper": number(0.15)}),
    "description": "with the ends of its range, which is no confidence interval",
}
ESTIMATED = {
    "anyOf": [ref("Estimate"), {"type": "null"}],
    "description": "null: measured on too few answers",
}
RESPONSE_TIME = record(
    {
        "model": text("Ada 7B"),
        "slug": text("ada-7b"),
        "prompts": {
            "type": "string",
            "enum": [*AnswerSpeed.Prompts.values],
            "description": "their size in tokens, with earlier turns",
        },
        "answers": integer(412, "in battles that have their vote"),
        "first_words_s_median": ESTIMATED,
        "first_words_s_p90": ESTIMATED,
        "tokens_per_second_median": ESTIMATED,
        "tokens_per_second_p10": ESTIMATED,
    }
)
CHECK = record(
    {
        "model": text("Ada 7B"),
        "slug": text("ada-7b"),
        "right": integer(412, "prompts that it answered as expected"),
        "wrong": integer(71),
        "no_answer": integer(17, "no answer was found in its text; part of the share"),
        "unchecked": integer(0, "that took too long to check; no part of the share"),
        "share": {"anyOf": [ref("Estimate"), {"type": "null"}], "description": "that is right"},
    }
)
REASON = record(
    {
        "model": text("Ada 7B"),
        "slug": text("ada-7b"),
        "reason": text("accurate", "its key"),
        "label": text("accurate"),
        "sign": {
            "type": "integer",
            "enum": [1, -1],
            "description": "1: for the answer; -1: against it",
        },
        "answers": integer(412, "in votes with a reason for either side, that count on the board"),
        "share": {**ESTIMATED, "description": "of these answers; null: too few"},
        "of_all": number(0.38, "the share of the answers of all models"),
        "against_all": {
            "enum": [*ReasonShare.Relation.labels, None],
            "description": "the share, with 95% certainty for all models and reasons together; "
            "null: too few answers",
        },
    }
)
KINDS = {"string": "string", "int64": "integer", "double": "number"}
RATING = record(
    {
        each.name: field(KINDS[each.kind], each.example, each.says, empty=each.is_empty)
        for each in columns.BOARD
    }
)
SNAPSHOT = record(
    {
        "id": text("0b6b8055ae5c"),
        "board": text("overall"),
        "slice": text("overall"),
        "method": {"type": "string", "enum": ["bradley-terry", "style", "elo"]},
        "computed": text("2026-03-31T12:00:00.123456+00:00"),
        "published": text("2026-03-31T12:00:00.456789+00:00", "null: a draft", empty=True),
        "votes": integer(768),
        "voters": integer(
            124,
            "so many voters whose votes intervals take together; null: they take all votes as "
            "independent",
            empty=True,
        ),
        "code_version": text("evenhand 0.1.0"),
        "archive": text(
            "/leaderboard/snapshots/0b6b8055ae5c.zip", "file to recompute it from", empty=True
        ),
        "archive_sha256": text("9f2c…", empty=True),
    }
)
GAP = {
    "gap": number(63.1, "score of the first minus that of the second, Elo points"),
    "gap_lower": number(21.4, "of its 95% interval"),
    "gap_upper": number(104.8, "of its 95% interval"),
    "probability": number(0.59, "that the first wins, ties counting half"),
    "lower": number(0.53, "of its 95% interval"),
    "upper": number(0.65, "of its 95% interval"),
}
RELATION = {
    "type": "string",
    "enum": [*Relation],
    "description": "the most that may be said of the better-placed model and the other: ahead, by "
    "more or by less than the margin if that is known; as good as each other within it; not worse "
    "by more than it; or unclear",
}
JUDGEMENT = {
    "margin": number(20, "points that are too few to matter"),
    "margin_share": number(0.529, "share of the votes that a model wins which is ahead by it"),
    "better": text("ada-7b", "slug of the one with the higher score"),
    "verdict": RELATION,
    "verdict_among_all": {
        **RELATION,
        "description": "the same, corrected for looking at all pairs of the board",
    },
    "as_good_p": number(0.001, "of two one-sided tests: p-value of a gap of the margin or more"),
    "a_not_worse_p": number(0.0001, "p-value of: a is worse by the margin or more"),
    "b_not_worse_p": number(0.001, "p-value of: b is worse by the margin or more"),
    "votes_until_separated": integer(
        120, "more votes on this pair, if the gap stays as it is; null: separated, or unknown",
        empty=True,
    ),
    "votes_until_as_good": integer(
        None, "likewise, until they are as good within the margin; null: they are, or unknown",
        empty=True,
    ),
}  # fmt: skip
COMPARISON = record(
    {
        "a": text("ada-7b"),
        "b": text("bea"),
        "wins": integer(130, "head-to-head votes that a won"),
        "losses": integer(84),
        "ties": integer(31),
        "both_bad": integer(9),
        **GAP,
        "level": number(0.95, "of the intervals"),
        **JUDGEMENT,
        "exact": boolean(
            "or else the intervals, if there are any, are the widest that the scores allow"
        ),
        "snapshot": ref("Snapshot"),
    },
    optional=(*GAP, "level", *JUDGEMENT),
)
CANDIDATE = record(
    {
        "model": text("Ada 7B"),
        "slug": text("ada-7b"),
        "score": number(1063.4),
        "behind_at_most": number(
            12.5, "points behind the best; all of these hold together with probability 95%"
        ),
        "wins_at_least": number(0.482, "share of votes against the best"),
        "behind_best_of_board_at_most": number(41.3, "likewise, behind the best of the board"),
        "good_enough": boolean("whether that is within the margin"),
        "parameters": integer(7_000_000_000, empty=True),
        "response_s": number(4.2, "median time of a whole answer here", empty=True),
        "first_words_s": number(0.4, "median time to the first words", empty=True),
        "output_price": number(0.2, "dollars per million tokens", empty=True),
        "cost_per_1000_answers": {
            "anyOf": [ref("Estimate"), {"type": "null"}],
            "description": "dollars, by its prices and the tokens it reads and writes here; null: "
            "not known",
        },
        "wh_per_1000_tokens": {
            "anyOf": [ref("Range"), {"type": "null"}],
            "description": f"estimated by the formula of {METHOD}, for a data centre GPU, not "
            "measured; null: closed, of unknown size, or a mixture whose active part is unknown",
        },
        "co2e_g_per_1000_tokens": {
            "anyOf": [ref("Range"), {"type": "null"}],
            "description": "grams, likewise, of that electricity and of making the hardware",
        },
    }
)
NAMED_BY = {
    name: text("ada-7b", f"slug of the {name} one that is good enough", empty=True)
    for name in ("cheapest", "fastest", "smallest")
}
ADVICE = page_of(
    ref("Candidate"),
    margin=number(20, "points that are too few to matter"),
    margin_share=number(0.529, "share of the votes that a model wins which is ahead by it"),
    **NAMED_BY,
    not_considered={
        "type": "array",
        "items": record(
            {
                "why": text("provisional, so they may be far better or worse"),
                "models": {"type": "array", "items": text("Bea", "name")},
            }
        ),
    },
    exact=boolean("or else the intervals are the widest that the scores allow"),
    snapshot=ref("Snapshot"),
)
PAIR = {
    "open": text("ada-7b", "slug of the best open model"),
    "open_name": text("Ada 7B"),
    "closed": text("bea", "slug of the best closed one"),
    "closed_name": text("Bea"),
    **GAP,
    "open_ahead": boolean("taking all pairs at once"),
    "closed_ahead": boolean("likewise"),
}
FACTS = {
    **record(PAIR, optional=tuple(PAIR)),
    "description": "the best open model against the best closed one, where there are both; "
    "more facts about the board, which may change",
}
BOARD = page_of(
    ref("Rating"),
    snapshot={
        "anyOf": [ref("Snapshot"), {"type": "null"}],
        "description": "null: no such board is rated",
    },
    facts=ref("Facts"),
    empty=text(None, "why there are no results, as the page says", empty=True),
)
ERROR = record(
    {
        "error": text("There is no such campaign.", "a sentence that says what to do"),
        "code": {"type": "string", "enum": [*Code], "description": "what was rejected"},
    }
)
SCHEMAS = {
    "Campaign": CAMPAIGN,
    "Slice": SLICE,
    "Share": SHARE,
    "Estimate": ESTIMATE,
    "Range": RANGE,
    "ResponseTime": RESPONSE_TIME,
    "Reason": REASON,
    "Check": CHECK,
    "Rating": RATING,
    "Snapshot": SNAPSHOT,
    "Facts": FACTS,
    "Comparison": COMPARISON,
    "Candidate": CANDIDATE,
    "Advice": ADVICE,
    "Campaigns": page_of(ref("Campaign")),
    "Slices": page_of(ref("Slice")),
    "Shares": page_of(ref("Share"), unit={"type": "string", "enum": ["week", "month"]}),
    "ResponseTimes": page_of(ref("ResponseTime")),
    "Reasons": page_of(ref("Reason")),
    "Checks": page_of(ref("Check")),
    "Snapshots": page_of(ref("Snapshot")),
    "Board": BOARD,
    "Error": ERROR,
}


def example_of(schema: Schema) -> Any:
    """An example of the whole, made of the examples of its fields."""
    if "$ref" in schema:
        return example_of(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0])
    if "properties" in schema:
        return {name: example_of(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        return [example_of(schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    return schema["examples"][0]
