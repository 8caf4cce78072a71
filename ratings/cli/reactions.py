"""compar:IA's reactions: thumbs for single answers, of which the two of a turn make one vote.

As in feedback of Open WebUI (docs/importing.md): a thumb up for one answer alone, or down for the
other, is a vote for it; two thumbs up are a tie, and two down are both bad. A later thumb for the
same answer replaces the earlier one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ratings.cli.blocks import Block, Reject, Table
from ratings.cli.layouts import NAMES, SECOND_THUMB, THUMBS, TRUE, WITHOUT_THUMB

TURN = ("conversation_pair_id", "msg_rank")
SAID = ("model_pos", "liked", "disliked")
MARKS = {*TURN, *SAID, *NAMES}
UP, DOWN = 1, -1
VERDICTS = {
    (UP, UP): "tie", (DOWN, DOWN): "both_bad",
    (UP, DOWN): "a", (UP, 0): "a", (0, DOWN): "a",
    (DOWN, UP): "b", (0, UP): "b", (DOWN, 0): "b",
}  # fmt: skip


@dataclass
class _Turn:
    """The thumbs for the two answers of a turn, and the row that stands for them."""

    row: int
    thumbs: dict[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return VERDICTS[self.thumbs.get("a", 0), self.thumbs.get("b", 0)]


class ReactionsTable:
    """Has a column with the verdict of each turn beside those of the file."""

    def __init__(self, table: Table) -> None:
        self.file = table.file
        self.columns = (*table.columns, THUMBS)
        self._table = table

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        verdicts = self._verdicts()
        written = [name for name in wanted if name != THUMBS]
        for block in self._table.blocks(written, reject):
            columns = dict(zip(written, block.columns, strict=True))
            columns[THUMBS] = tuple(verdicts.get(row, WITHOUT_THUMB) for row in block.rows)
            yield Block(block.rows, [columns[name] for name in wanted])

    def place(self, row: int) -> str:
        return self._table.place(row)

    def _verdicts(self) -> dict[int, str]:
        """What each row says: the first with a thumb speaks for its turn."""
        turns: dict[tuple[str, str], _Turn] = {}
        said: dict[int, str] = {}
        for block in self._table.blocks([*TURN, *SAID], lambda row, why: None):
            for row, pair, rank, side, *thumbs in zip(block.rows, *block.columns, strict=True):
                liked, disliked = (thumb in TRUE for thumb in thumbs)
                if liked == disliked or side not in ("a", "b"):
                    said[row] = WITHOUT_THUMB
                    continue
                turn = turns.setdefault((str(pair), str(rank)), _Turn(row))
                turn.thumbs[side] = UP if liked else DOWN
                said[row] = SECOND_THUMB
        return said | {turn.row: turn.verdict for turn in turns.values()}
