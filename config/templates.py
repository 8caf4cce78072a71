"""Templates are written one tag a line; of those breaks, pages keep a space where one is seen.

A number is written as the program has it, so that coordinates and values of forms are the same in
every language. What is for readers goes through a filter: `floatformat`, `counted`, `date`."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template import Origin, TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.template.loaders import filesystem
from django.utils.safestring import SafeString

# Around these, white space means nothing.
BLOCKS = (
    "article|body|caption|circle|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|g"
    "|h[1-6]|head|header|html|li|line|link|main|math|meta|mrow|nav|noscript|ol|optgroup|option|p"
    "|rect|script|section|summary|table|tbody|td|text|th|thead|title|tr|ul"
)
BREAK = re.compile(r"\n\s*")
# Nor do breaks at either end of a block of a template, or after what shows nothing.
BEFORE_BLOCK = re.compile(rf"\n(?=</?(?:{BLOCKS})\b|\{{% endblock\b)")
AFTER_BLOCK = re.compile(
    rf"(</?(?:{BLOCKS})\b[^<>\n]*>|\{{% (?:block|extends|get_current_\w+|load) [^%\n]*%\}})\n"
)


class Templates(DjangoTemplates):
    def from_string(self, template_code: str) -> Page:
        return Page(self.engine.from_string(template_code), self)

    def get_template(self, template_name: str) -> Page:
        try:
            return Page(self.engine.get_template(template_name), self)
        except TemplateDoesNotExist as error:
            reraise(error, self)
            raise


class Page(Template):
    def render(
        self, context: dict[str, Any] | None = None, request: HttpRequest | None = None
    ) -> SafeString:
        whole = make_context(context, request, autoescape=self.backend.engine.autoescape)
        whole.use_l10n = False
        try:
            return self.template.render(whole)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
            raise


class Loader(filesystem.Loader):
    """Leaves out the white space that nobody sees: of a board's tags there are thousands."""

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        if settings.DEBUG or not origin.name.endswith(".html"):
            return source  # errors name a line of the file
        return joined(source)


def joined(source: str) -> str:
    lines = BREAK.sub("\n", source.strip())
    return AFTER_BLOCK.sub(r"\1", BEFORE_BLOCK.sub("", lines)).replace("\n", " ")
