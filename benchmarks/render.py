"""`make bench-render`: the cost of showing an answer while it is written.

Answers of prose, code, a list, a table and formulas come in tokens of four characters, each shown
by itself. Measured: this thread's time per token for an answer of 8,000 tokens, against one of 500,
and the longest single call.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from arena.markdown import Growing
from arena.markdown.formulas import mathml
from arena.markdown.inline import inline
from benchmarks.figures import describe_machine, report

TOKEN = 4  # characters
SHORT, LONG = 500, 8_000  # tokens
ROUNDS = 5

SENTENCE = "The river runs past **{}** old mills and `quiet` fields. "
FUNCTION = "def part_{0}(x):\n    total = x + {0}  # step\n    return total\n\n"
ITEM = "- item **{}** of a long list, with `code` and words\n"
ROW = "| row {} with some **bold** words | 7 |\n"
FORMULAS = "So $x_{{{0}}} = {0}^2$ and\n\n$$\\sum_{{k=1}}^{{{0}}} k = \\frac{{{0}}}{{2}}$$\n\n"
KINDS = {  # how each begins, and what it repeats
    "prose": ("", 9 * SENTENCE + "\n\n"),
    "prose in one paragraph": ("", SENTENCE),
    "code": ("```python\n", FUNCTION),
    "list": ("", ITEM),
    "table": ("| a | b |\n|---|--:|\n", ROW),
    "formulas": ("", FORMULAS),
}


@dataclass(frozen=True)
class Measured:
    token_s: float
    longest_s: float
    sent: float  # characters sent per character written


def main() -> None:
    describe_machine()
    for kind, (head, part) in KINDS.items():
        rounds = [
            [measured(answer(head, part, TOKEN * tokens)) for tokens in (SHORT, LONG)]
            for _ in range(ROUNDS)
        ]
        short, long = (statistics.median(r[i].token_s for r in rounds) for i in range(2))
        # The least of the rounds, since another process may interrupt a call.
        longest = min(each[1].longest_s for each in rounds)
        report(
            f"time for a token of {LONG} against one of {SHORT}: {kind}", long / short, 1.5,
            at_most=True, short_us=1e6 * short, long_us=1e6 * long, sent=rounds[0][1].sent,
        )  # fmt: skip
        report(f"longest call [ms]: {kind}", 1e3 * longest, 50.0, at_most=True)


def answer(head: str, part: str, length: int) -> str:
    """An answer of `length` characters; numbers make its parts differ, so that no cache helps."""
    parts = (part.replace("{}", "{0}").format(i) for i in range(length // len(part) + 1))
    return (head + "".join(parts)).ljust(length, ".")[:length]


def measured(text: str) -> Measured:
    """The cost of an answer with empty caches."""
    inline.cache_clear()
    mathml.cache_clear()
    growing, total, longest, sent = Growing(), 0.0, 0.0, 0
    for end in range(TOKEN, len(text) + TOKEN, TOKEN):
        began = time.thread_time()
        change = growing.show(text[:end])
        took = time.thread_time() - began
        total, longest = total + took, max(longest, took)
        sent += sum(map(len, change["blocks"]))
    return Measured(total * TOKEN / len(text), longest, sent / len(text))


if __name__ == "__main__":
    main()
