"""The output: blocks of HTML, written in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Output:
    """Finished blocks, and the pieces of the open block."""

    blocks: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    length: int = 0  # characters of the pieces

    def write(self, html: str) -> None:
        self.pieces.append(html)
        self.length += len(html)

    def end_block(self) -> None:
        if self.pieces:
            self.blocks.append("".join(self.pieces))
            self.pieces, self.length = [], 0


@dataclass(frozen=True)
class Sent:
    """The position in an output up to which it was sent to the browser, and the tail sent after
    it."""

    block: int = 0
    piece: int = 0
    length: int = 0
    tail: tuple[str, ...] = ()

    @classmethod
    def of(cls, out: Output, tail: list[str]) -> Sent:
        return cls(len(out.blocks), len(out.pieces), out.length, tuple(tail))

    def behind(self, out: Output, tail: list[str]) -> list[str]:
        """The blocks that replace `self.tail`: the rest of the block that was open, and all after
        it."""
        done = out.blocks[self.block :]
        if done:
            done[0] = done[0][self.length :]
        begun = out.pieces[0 if done else self.piece :]
        return [*done, *joined(begun, tail)] if out.pieces else [*done, *tail]


def joined(pieces: list[str], tail: list[str]) -> list[str]:
    return ["".join([*pieces, *tail[:1]]), *tail[1:]]
