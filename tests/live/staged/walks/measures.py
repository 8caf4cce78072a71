"""What a page is asked about itself at every step; an empty answer means that nothing is wrong."""

MOST_BAR = 0.15  # of the window

# Any pointer that was used on this page.
NO_MOUSE = """
window.pointers = [];
for (const kind of ["pointerdown", "mousedown", "touchstart", "wheel"]) {
  addEventListener(kind, () => pointers.push(kind), true);
}
addEventListener("click", ({ detail }) => detail && pointers.push("click"), true);
addEventListener("focusin", () => (window.hadFocus = true), true);
"""
MOUSE_USED = "pointers"
LOST_FOCUS = "Boolean(window.hadFocus) && document.activeElement === document.body"

# What has the focus, if it has no outline, lies below something else, or has moved what is read
# although it was in sight. At the end of a page it is the page, from where Tab begins anew.
UNSEEN_FOCUS = """() => {
  const it = document.activeElement, before = window.readAt ?? scrollY;
  window.readAt = scrollY;
  if (it === document.body) return "";
  if (it.matches("section[tabindex='-1']")) return ""; // no control: put there for screen readers
  if (it.closest(".bar") && before !== scrollY) return `it moved ${before} to ${scrollY}`;
  const isOutlined = (part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const name = it.outerHTML.slice(0, 300);
  const shown = [it, it.nextElementSibling].filter(Boolean);
  if (!shown.some(isOutlined)) return `no outline: ${name}`;
  const parts = [0.05, 0.3, 0.5, 0.7, 0.95];
  const isSeen = [...it.getClientRects()].some(({ left, top, width, height }) =>
    parts.some((x) => parts.some((y) => {
      const above = document.elementFromPoint(left + x * width, top + y * height);
      return above && (it.contains(above) || above.contains(it) && above.matches("label"));
    })));
  return isSeen ? "" : `out of sight: ${name}`;
}"""

# What Tab reaches before something that stands before it, in the frame of the page.
LEAPS = """() => {
  const found = [...document.querySelectorAll("[tabindex]")].filter((each) => each.tabIndex > 0);
  for (const frame of document.querySelectorAll(".masthead, .colophon")) {
    let last = null;
    for (const link of frame.querySelectorAll("a")) {
      const { top, left, bottom } = link.getBoundingClientRect();
      if (last && (bottom <= last.top || (top < last.bottom && left < last.left))) found.push(link);
      last = { top, left, bottom };
    }
  }
  return found.map((each) => each.outerHTML.slice(0, 200));
}"""

# What has moved since the first page.
NOTE_MOTION = """
for (const kind of ["animationstart", "transitionrun"]) {
  addEventListener(kind, ({ target, animationName, propertyName }) => {
    const moved = JSON.parse(sessionStorage.moved ?? "[]");
    moved.push([target.className, animationName ?? propertyName]);
    sessionStorage.moved = JSON.stringify(moved);
  }, true);
}
"""
MOTION = """() => [
  ...JSON.parse(sessionStorage.moved ?? "[]"),
  ...document.getAnimations().map((each) => each.animationName ?? each.transitionProperty),
  ...[...document.querySelectorAll("*")]
    .filter((each) => getComputedStyle(each).scrollBehavior === "smooth")
    .map((each) => each.outerHTML.slice(0, 100)),
]"""

# What is wider than the window, or than what holds it, unless it can be scrolled.
CUT = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const scrolls = (each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  const isHeld = (each) => each && (scrolls(each) || isHeld(each.parentElement));
  const isCut = (each) => {
    const { left, right, width } = each.getBoundingClientRect();
    if (width <= 1 || each.clientWidth === 1) return false; // for screen readers
    if (left < -1 || right > wide + 1) return true;
    const clips = ["hidden", "clip"].includes(getComputedStyle(each).overflowX);
    return clips && each.scrollWidth > each.clientWidth + 1;
  };
  if (document.documentElement.scrollWidth > wide) found.push("the page scrolls sideways");
  for (const each of document.querySelectorAll("body *:not(svg *, input, option)")) {
    if (!each.checkVisibility({ visibilityProperty: true })) continue;
    if (isCut(each) && !isHeld(each)) found.push(each.outerHTML.slice(0, 200));
  }
  return found;
}"""

# The share of the window that the verdicts take from the answers.
BAR = """() => {
  const bar = document.querySelector(".verdict");
  const isOver = bar && getComputedStyle(bar).position === "sticky";
  return isOver ? bar.offsetHeight / innerHeight : 0;
}"""

# What a thumb would miss (WCAG 2.5.8); links in a sentence may be as low as its line.
SMALL_TARGETS = """() => {
  const controls = "a, button, select, textarea, summary, input:not([type=hidden])";
  const found = [...document.querySelectorAll(controls)].filter((each) => {
    if (!each.checkVisibility({ visibilityProperty: true })) return false;
    if (each.matches(".unseen, :disabled")) return false;
    if (getComputedStyle(each).display === "inline") return false;
    const { width, height } = (each.closest("label") ?? each).getBoundingClientRect();
    return Math.min(width, height) < 24;
  });
  return found.map((each) => each.outerHTML.slice(0, 200));
}"""
