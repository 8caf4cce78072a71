"""Markdown that grows while it streams, and the changes to its HTML."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import TypedDict

from django.utils.safestring import SafeString

from .output import Sent, joined
from .reading import Reader


class Change(TypedDict("Change", {"keep": int, "from": int, "blocks": list[str]})):
    """Keep the first `keep` blocks and append `blocks`; the first of these continues the block that
    it replaces after that block's first `from` characters."""


class Growing:
    """An answer while it streams. The cost of `show` depends on the new text only."""

    def __init__(self) -> None:
        self._reader, self._sent = Reader(), Sent()
        self._from_page = 0  # number of blocks rendered with the page, whose HTML no script has

    def show(self, text: str) -> Change:
        """The change to show `text`, which usually begins with the text shown before. White space
        at its end is not shown, as a battle must not tell whether it has arrived: after the last
        word it comes with the end of the answer."""
        text = text.rstrip()
        if not text.startswith(self._reader.text):
            self._reader, self._sent = Reader(), Sent()
        self._reader.read(text[len(self._reader.text) :])
        return self._change()

    def unread(self, text: str) -> int:
        """How many characters `show` would have to render."""
        read = self._reader.text
        return len(text) - len(read) if text.startswith(read) else len(text)

    def resume(self, text: str) -> None:
        """Resume with a browser that already shows `text`."""
        self.show(text)
        self._from_page = len(self.blocks)

    @property
    def blocks(self) -> list[SafeString]:
        """All blocks so far."""
        out, tail = self._reader.out, self._reader.tail()
        begun = joined(out.pieces, tail) if out.pieces else tail
        return [SafeString(block) for block in [*out.blocks, *begun]]

    def _change(self) -> Change:
        out, tail, old = self._reader.out, self._reader.tail(), self._sent
        new = old.behind(out, tail)
        pairs = zip(old.tail, new, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        keep, start, new = old.block + same, 0, new[same:]
        if new and keep < self._from_page:
            new[0] = self.blocks[keep]
        elif new and same < len(old.tail):
            start = _common(old.tail[same], new[0])
            new[0] = new[0][start:]
            start += 0 if same else old.length
        self._sent, self._from_page = Sent.of(out, tail), min(self._from_page, keep)
        return Change({"keep": keep, "from": start, "blocks": new})


def blocks(text: str) -> list[SafeString]:
    """`text` as one safe piece of HTML for each top-level block, in order."""
    return list(_blocks(text))


@lru_cache(maxsize=128)
def _blocks(text: str) -> tuple[SafeString, ...]:
    growing = Growing()
    growing.show(text)
    return tuple(growing.blocks)


def _common(old: str, new: str) -> int:
    """The length of the common prefix, by binary search."""
    same, most = 0, min(len(old), len(new))
    while same < most:
        middle = (same + most + 1) // 2
        if old[:middle] == new[:middle]:
            same = middle
        else:
            most = middle - 1
    return same
