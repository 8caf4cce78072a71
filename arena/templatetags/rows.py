"""`{% row thing %}…{% endrow %}` in the loop of a list: if this row can't be shown, it is left out
and reported (`arena.odd_rows`), and the others are shown."""

from __future__ import annotations

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.utils.safestring import SafeString

from arena import odd_rows

register = template.Library()


class Row(Node):
    def __init__(self, row: FilterExpression, nodelist: NodeList) -> None:
        self.row, self.nodelist = row, nodelist

    def render(self, context: Context) -> SafeString:
        try:
            return self.nodelist.render(context)
        except odd_rows.NOT_ITS_FAULT:
            raise
        except Exception as error:
            odd_rows.report(self.row.resolve(context), error)
            return SafeString()


@register.tag
def row(parser: Parser, token: Token) -> Row:
    _name, thing = token.split_contents()
    nodelist = parser.parse(("endrow",))
    parser.delete_first_token()
    return Row(parser.compile_filter(thing), nodelist)
