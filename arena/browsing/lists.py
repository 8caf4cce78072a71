"""A list of the admin that is as quick for millions of rows as for ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .cursors import NEWER, OLDER, Cursors
from .filters import Filters
from .limited import LIMIT_S, About, TooSlow, count, limited
from .read_only import ReadOnly

SLOW = (
    f"This takes longer than {LIMIT_S:.0f} seconds, so it was stopped. Narrow the list: by days, "
    "by a campaign, or by a rarer word."
)


class QuickList(ChangeList):
    """The stock list, but with pages by cursor, a form of filters, an estimated number of rows and
    a time limit."""

    model_admin: QuickAdmin
    filters: Filters
    branches: list[QuerySet[Any]]
    trouble = ""
    newer_page = older_page = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.filters = self.model_admin.filters(request.GET)
        rows = super().get_queryset(request, exclude_parameters)
        self.branches = self.filters.branches(rows)
        return self.filters.narrow(rows)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        ours = {OLDER, NEWER, *self.model_admin.filters.base_fields}
        return {name: value for name, value in found.items() if name not in ours}

    def get_results(self, request: HttpRequest) -> None:
        size = self.model_admin.list_per_page
        cursors = Cursors(self.model, self.model_admin.keyset, size)
        self.result_list, self.result_count = [], 0
        try:
            with limited():
                page = cursors.page(self.branches, request.GET)
                is_all = not (page.newer or page.older)
                self.result_list = self.model_admin.filled(page.rows)
                self.newer_page = self._link(NEWER, page.newer)
                self.older_page = self._link(OLDER, page.older)
                self.result_count = len(page.rows) if is_all else count(self.branches)
        except TooSlow:
            # Without the page, or only without the number of rows.
            self.trouble = "" if self.result_list else SLOW
            self.result_count = About(len(self.result_list))
        self._as_one_page(request)

    def _as_one_page(self, request: HttpRequest) -> None:
        """What the stock templates ask about."""
        self.show_full_result_count, self.full_result_count = False, None
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, 1)

    def _link(self, which: str, cursor: str) -> str:
        return self.get_query_string({which: cursor}, remove=[OLDER, NEWER]) if cursor else ""

    @property
    def first_page(self) -> str:
        return self.get_query_string(remove=[OLDER, NEWER])

    @property
    def said_count(self) -> str:
        names = self.opts.verbose_name, self.opts.verbose_name_plural
        number = self.result_count
        said = str(number) if isinstance(number, About) else f"{number:,}"
        return f"{said} {names[number != 1]}"

    def url_for_result(self, result: Any) -> str:
        return self.model_admin.address_of(result) or super().url_for_result(result)


class QuickAdmin(ReadOnly):
    """Records that there may be millions of: shown newest first, as `keyset` orders them."""

    change_list_template = "admin/browsing/list.html"
    keyset: ClassVar[tuple[str, ...]] = ("pk",)
    filters: ClassVar[type[Filters]] = Filters
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QuickList]:
        return QuickList

    def get_ordering(self, request: HttpRequest) -> Any:
        return [f"-{name}" for name in self.keyset]

    def action_checkbox(self, obj: Any) -> SafeString:
        """As Django's, which renders a template for each."""
        tick = (
            '<input type="checkbox" name="{}" value="{}" class="action-select"'
            ' aria-label="Select this object for an action - {}">'
        )
        return format_html(tick, ACTION_CHECKBOX_NAME, obj.pk, obj)

    def filled(self, rows: Sequence[Any]) -> list[Any]:
        """The rows of a page, with what their columns show of other tables."""
        return [*rows]

    def address_of(self, row: Any) -> str:
        """The page that its line links to; "" for its own."""
        return ""
