"""How answers look in a browser: code, tables, tasks, formulas, and text from right to left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import shoot
from .site import Site
from .test_browser import assert_accessible, begin, wait_until_complete

pytestmark = pytest.mark.browser

RIGHT_TO_LEFT = "זו פסקה (קצרה) בעברית: 3.5 קילו."
A = f"""# Apples

A pound costs $3 here and $4 there; **$250** is fair. But $a^2 + b^2 = c^2$ is a formula, and

$$\\sum_{{k=1}}^{{n}} k = \\frac{{n(n+1)}}{{2}}$$

### A table

| Name | Price | Note |
|:-----|------:|------|
| Oak | $2.50 | sour<br>and firm |
| Elm | $12.00 | see https://example.org/elm_(tree). |

- [x] bought, with a note that is long enough to run into the next line of a narrow pane
- [ ] eaten
- plain

## Right to left

{RIGHT_TO_LEFT}

1. ראשון!
2. שני, עם `get()` בתוכו.

> שלום, a quote
"""
B = """Here it is:

```python
@cache
def part(x: int) -> str:
    '''Says "hello".'''
    return f"{x + 1}"  # הערה
```

1. In a list:

   ```sql
   SELECT name, count(*) FROM votes -- all
   WHERE id > 10;
   ```
2. Unknown to anybody:

   ```klingon
   let x = 1
   ```

> A quote, with `code`

```chapel
"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\
```
"""
PAUSE = "new Promise(done => setTimeout(done, 1500))"


def show(page: Page, site: Site, a: str, b: str) -> None:
    """A finished battle with these two answers."""
    begin(page, RIGHT_TO_LEFT)
    wait_until_complete(page)
    public_id = page.url.split("#")[0].strip("/").split("/")[-1]
    for side, text in {"A": a, "B": b}.items():
        site.rows(
            """UPDATE arena_answer SET text = %s WHERE side = %s AND turn_id IN
               (SELECT t.id FROM arena_turn t JOIN arena_battle b ON b.id = t.battle_id
                WHERE b.public_id = %s)""",
            text, side, public_id,
        )  # fmt: skip
    site.forget_streams()
    page.reload()


def test_answer_with_everything_in_it(page: Page, site: Site) -> None:
    show(page, site, A, B)
    python, sql, klingon = (
        page.locator(f".language-{name}") for name in ("python", "sql", "klingon")
    )
    expect(python.locator(".hljs-keyword").first).to_have_text("def")
    expect(sql.locator(".hljs-keyword").first).to_have_text("SELECT")
    assert 'return f"{x + 1}"  # הערה' in python.inner_text()
    assert klingon.locator("span").count() == 0
    expect(page.locator(".answer math")).to_have_count(2)
    expect(page.get_by_role("img", name="Done")).to_be_visible()
    shoot(page, "answers")
    assert_accessible(page)


def test_text_runs_as_its_letters_do(page: Page, site: Site) -> None:
    show(page, site, A, B)
    right = """element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const text = range.getClientRects()[0], box = element.getBoundingClientRect();
        return text.left - box.left > box.right - text.right + 20;
    }"""
    for hebrew in (
        page.locator(".prompt p"),
        page.locator(".answer p", has_text="פסקה"),
        page.locator(".answer ol[dir] li", has_text="ראשון"),
    ):
        assert hebrew.first.evaluate(right)
    assert not page.locator(".answer p", has_text="A pound").first.evaluate(right)
    assert not page.locator(".answer pre").first.evaluate(right)
    for code in page.locator("code").all():
        assert code.evaluate("element => getComputedStyle(element).direction") == "ltr"
    page.goto("/")
    page.get_by_label("Your prompt").fill(RIGHT_TO_LEFT)
    typed = page.get_by_label("Your prompt")
    assert typed.evaluate("element => element.matches(':dir(rtl)')")


def test_open_code_block_is_coloured_when_it_is_finished(page: Page, site: Site) -> None:
    show(page, site, A, B)
    expect(page.locator(".hljs-keyword").first).to_be_visible()
    page.evaluate(
        """() => {
            const answer = document.querySelector('.answer');
            answer.classList.add('writing');
            const tags = ['div', 'pre', 'code'];
            const [block, pre, code] = tags.map((tag) => document.createElement(tag));
            block.className = 'block';
            code.className = 'language-python';
            code.textContent = 'def late(): pass';
            pre.append(code);
            block.append(pre);
            answer.replaceChildren(block);
        }"""
    )
    late = page.locator(".answer").first.locator(".hljs-keyword")
    page.evaluate(PAUSE)
    assert late.count() == 0
    page.evaluate("document.querySelector('.answer').classList.remove('writing')")
    expect(late.first).to_have_text("def")
