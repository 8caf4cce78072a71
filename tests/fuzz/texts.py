"""Texts: marks of Markdown, openings without a closing, digits, and whatever else Unicode has, put
together and repeated."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.arena import hostile
from tests.arena.markdown import test_hostile

LONGEST = 6_000
CODE = ("```python\n", "```c++\n", "~~~ html\n", '```"><script>\n', "    def f(x):\n", "\n```\n")
LINES = (
    "# Title\n", "> quoted\n", "- item\n", "  - nested\n", "3. third\n", "| a | b |\n|---|---|\n",
    "| 1 | 2 |\n", "***\n", "$$x^2\n$$\n", "\\[ \\frac{1}{2} \\]\n", "<b onclick=x>", "<script>",
    "[a](javascript:x)", "![a](data:text/html,x)", "<https://a.b>", "[^1]: note\n", "- [ ] to do\n",
    "mail a.b@example.org ", "DE89 3704 0044 0532 0130 00 ", "4111 1111 1111 1111 ",
    "I am Llama 3 by Meta. ", "As ChatGPT, ", "Which model are you? ", "\u202e",
    "\u200b", "e\u0301",
)  # fmt: skip

_pieces = st.one_of(
    st.sampled_from((*CODE, *LINES)),
    st.sampled_from((*test_hostile.UNITS, *hostile.UNITS)),
    st.text(max_size=6),
)
texts = st.builds(
    lambda pieces, times: ("".join(pieces) * times)[:LONGEST],
    st.lists(_pieces, min_size=1, max_size=12),
    st.sampled_from([1, 1, 2, 10, 100, 2_000]),
)
