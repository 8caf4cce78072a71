"""`{% shown_list cl %}`: the stock list of the admin, without the rows that it can't show
(`arena.odd_rows`); `cl.left_out` is their number."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.templatetags.base import InclusionAdminNode
from django.template.base import Parser, Token

from arena.odd_rows import Skipping

register = template.Library()


def shown_list(cl: Any) -> dict[str, Any]:
    skipping, headers = Skipping(), [*admin_list.result_headers(cl)]
    forms = {form.instance.pk: form for form in cl.formset.forms} if cl.formset else {}

    def show(row: Any) -> Any:
        form = forms.get(row.pk)
        return admin_list.ResultList(form, admin_list.items_for_result(cl, row, form))

    shown = [*skipping.shown(cl.result_list, show)]
    cl.left_out = skipping.count
    return {
        "cl": cl,
        "result_hidden_fields": [*admin_list.result_hidden_fields(cl)],
        "result_headers": headers,
        "num_sorted_fields": sum(head["sortable"] and head["sorted"] for head in headers),
        "results": shown,
    }


@register.tag(name="shown_list")
def shown_list_tag(parser: Parser, token: Token) -> InclusionAdminNode:
    node: Any = InclusionAdminNode  # whose stubs are of another release
    made: InclusionAdminNode = node(
        parser,
        token,
        func=shown_list,
        template_name="change_list_results.html",
        takes_context=False,
    )
    return made
