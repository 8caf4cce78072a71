"""Parses the block structure of a text line by line, with CommonMark's algorithm. Each line is read
only once, so rendering an answer while it streams is cheap.

docs/decisions/0011-markdown-line-by-line.md lists the differences from CommonMark, and the reasons.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from re import Match

from . import formulas
from .inline import inline
from .leaves import Code, Formula, Leaf, Paragraph, Table, language_of
from .lines import DELIMITERS, FENCE, HEADING, HEADING_END, MARKER, RULE, TASK, UNDERLINE, Line
from .output import Output

DEEPEST = 10  # levels of nested quotes and lists; deeper markers are text
TOP_HEADING = 4  # the page uses h1 to h3 above an answer


@dataclass
class Container:
    """A quote, or a list item; then `mark` is the kind of list, and lines indented by `indent`
    belong to it."""

    mark: str = ""
    indent: int = 0
    fresh: bool = True  # whether it is still empty

    @property
    def list_tag(self) -> str:
        return "ul" if self.mark in "-+*" else "ol"


class Structure:
    """The blocks that are open after the lines read so far; all others are written to `out`."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._containers: list[Container] = []
        self._leaf: Leaf | None = None
        self._headings: list[int] = []  # levels as written, each deeper than the one before

    def fork(self, out: Output) -> Structure:
        """A copy that writes to `out` and leaves this one unchanged."""
        twin = copy.copy(self)
        twin._out = out
        twin._containers = [replace(container) for container in self._containers]
        twin._leaf = self._leaf and self._leaf.fork()
        twin._headings = [*self._headings]
        return twin

    def line(self, text: str) -> None:
        line = Line(text)
        depth = self._going_on(line)
        if depth == len(self._containers) and self._verbatim(line):
            return
        while self._opens_container(line, depth):
            depth += 1
        if line.blank:
            self._cut(depth)
        elif not self._opens_leaf(line, depth):
            self._text(line, depth)

    def more(self, text: str) -> None:
        """Continue a line that is read in parts."""
        if self._leaf is None or not self._leaf.more(text, self._out):
            self._paragraph(text)

    def plain(self) -> None:
        """Show all following text verbatim."""
        self.close()
        self._code(Code(fence="```"))

    def close(self) -> None:
        self._cut(0)

    def _going_on(self, line: Line) -> int:
        """How many containers, from the outermost inwards, the line continues. Consumes their
        markers and indents."""
        for depth, container in enumerate(self._containers):
            if not container.mark:
                if line.indent >= 4 or not line.body.startswith(">"):
                    return depth
                line.skip_quote_mark()
            elif line.blank:
                if container.fresh:
                    return depth
            elif line.indent >= container.indent:
                line.skip(container.indent)
            else:
                return depth
        return len(self._containers)

    def _verbatim(self, line: Line) -> bool:
        """Take the line if it continues code or a formula, where no markup counts. True if so."""
        leaf = self._leaf
        if isinstance(leaf, Code):
            if leaf.ends_with(line):
                self._end_leaf()
            elif leaf.fence or line.blank or line.indent >= 4:
                leaf.add(line, self._out)
            else:
                return False
            return True
        if isinstance(leaf, Formula) and not line.blank:
            self._formula(leaf, line.text)
            return True
        return False

    def _formula(self, leaf: Formula, text: str) -> None:
        rest = leaf.add(text)
        if rest is not None or leaf.too_long:
            self._end_leaf()
        if rest and rest.strip():
            self._paragraph(rest.strip())

    def _opens_container(self, line: Line, depth: int) -> bool:
        if line.blank or line.indent >= 4 or depth >= DEEPEST:
            return False
        body = line.body
        if body[0] == ">":
            self._cut(depth)
            self._begin(f"<blockquote{self._direction}>\n", Container())
            line.skip_quote_mark()
            return True
        match = MARKER.match(body)
        if match is None or RULE.fullmatch(body.rstrip()):
            return False
        if self._paragraph_at(depth) and (
            not body[match.end() :].strip() or match[2] not in (None, "1")
        ):
            return False  # such a marker may well be part of the text
        self._begin_item(line, depth, match)
        return True

    def _begin_item(self, line: Line, depth: int, match: Match[str]) -> None:
        mark, width, before = match[1] or match[3], match.end(), line.indent
        line.take(width)
        after = 1 if line.blank or line.indent > 4 else line.indent
        line.skip(after)
        item = Container(mark, before + width + after)
        if depth < len(self._containers) and self._containers[depth].mark == mark:
            self._cut(depth + 1)
            self._out.write("</li>\n<li>")
            self._containers[depth] = item
            return
        self._cut(depth)
        start = f' start="{int(match[2])}"' if match[2] and int(match[2]) != 1 else ""
        self._begin(f"<{item.list_tag}{self._direction}{start}>\n<li>", item)

    def _begin(self, html: str, container: Container) -> None:
        self._fill()
        self._out.write(html)
        self._containers.append(container)

    def _opens_leaf(self, line: Line, depth: int) -> bool:
        if line.indent >= 4:
            if isinstance(self._leaf, Paragraph):
                return False
            self._cut(depth)
            self._code(Code(indent=4))
            self._verbatim(line)
            return True
        body = line.body.rstrip()
        paragraph = self._paragraph_at(depth)
        if match := FENCE.fullmatch(body):
            self._cut(depth)
            language = language_of(match[2] or match[4] or "")
            self._code(Code(match[1] or match[3], line.indent, language))
        elif match := HEADING.match(body):
            self._cut(depth)
            self._heading(len(match[1]), HEADING_END.sub("", body[match.end() :]))
        elif paragraph and not paragraph.begun and UNDERLINE.fullmatch(body):
            self._leaf = None
            self._heading(1 if body[0] == "=" else 2, paragraph.text)
        elif RULE.fullmatch(body):
            self._cut(depth)
            self._block("<hr>\n")
        else:
            return self._opens_formula(body, depth)
        return True

    def _opens_formula(self, body: str, depth: int) -> bool:
        opener, rest = body[:2], body[2:]
        if opener not in formulas.DISPLAYED:
            return False
        content, closer, behind = rest.partition(formulas.CLOSERS[opener])
        if behind or (closer and not content.strip()):
            return False  # an inline formula
        if not closer and content.strip() and not formulas.is_maths(content):
            return False
        self._cut(depth)
        self._fill()
        self._leaf = Formula(opener)
        self._formula(self._leaf, rest)
        return True

    def _text(self, line: Line, depth: int) -> None:
        if isinstance(self._leaf, Paragraph) and depth < len(self._containers):
            self._leaf.add(line.body, self._out)  # a lazy continuation line, without the markers
            return
        if depth < len(self._containers):
            self._cut(depth)
        leaf = self._leaf
        if isinstance(leaf, Table):
            leaf.add(line.body, self._out)
        elif not isinstance(leaf, Paragraph):
            self._paragraph(line.body)
        elif not self._opens_table(leaf, line.body):
            leaf.add(line.body, self._out)

    def _opens_table(self, paragraph: Paragraph, body: str) -> bool:
        if not DELIMITERS.fullmatch(body.rstrip()) or (head := paragraph.last_line()) is None:
            return False
        if (table := Table.under(head, body)) is None:
            return False
        paragraph.without_last_line(self._out)
        self._leaf = None
        if not self._containers:
            self._out.end_block()
        table.open(head, self._direction, self._out)
        self._leaf = table
        return True

    def _paragraph(self, text: str) -> None:
        self._end_leaf()
        parent = self._containers[-1] if self._containers else None
        tag = "" if parent and parent.mark and parent.fresh else "p"
        if not tag and (task := TASK.match(text)):
            self._out.write(_task(done=task[1] != " "))
            text = text[task.end() :]
        self._fill()
        self._leaf = paragraph = Paragraph(tag)
        paragraph.add(text, self._out)

    def _heading(self, level: int, text: str) -> None:
        """A heading below those of the page, and at most one level deeper than the previous one."""
        while self._headings and self._headings[-1] >= level:
            self._headings.pop()
        self._headings.append(level)
        tag = f"h{min(TOP_HEADING - 1 + len(self._headings), 6)}"
        self._block(f"<{tag}>{inline(text)}</{tag}>\n")

    def _code(self, code: Code) -> None:
        self._fill()
        self._leaf = code
        code.open(self._out)

    def _block(self, html: str) -> None:
        self._fill()
        self._out.write(html)
        if not self._containers:
            self._out.end_block()

    def _fill(self) -> None:
        if self._containers:
            self._containers[-1].fresh = False

    def _cut(self, depth: int) -> None:
        """Close the leaf, and all containers deeper than `depth`."""
        self._end_leaf()
        while len(self._containers) > depth:
            gone = self._containers.pop()
            self._out.write(f"</li>\n</{gone.list_tag}>\n" if gone.mark else "</blockquote>\n")
            if not self._containers:
                self._out.end_block()

    def _end_leaf(self) -> None:
        if self._leaf is not None:
            self._leaf.close(self._out)
            self._leaf = None
            if not self._containers:
                self._out.end_block()

    def _paragraph_at(self, depth: int) -> Paragraph | None:
        """The open paragraph that a line at this depth could continue, if any."""
        is_here = depth == len(self._containers)
        return self._leaf if is_here and isinstance(self._leaf, Paragraph) else None

    @property
    def _direction(self) -> str:
        """An outermost block gets its direction from its first words; nested blocks inherit it."""
        return "" if self._containers else ' dir="auto"'


def _task(*, done: bool) -> str:
    name, sign = ("Done", "☑") if done else ("To do", "☐")
    return f'<span class="task" role="img" aria-label="{name}">{sign}</span> '
