// What stands behind a mark of a chart, when it is pointed at, touched, or reached with the arrow
// keys; the same model is brought out in every chart and table of the page. Without this script a
// mark has the browser's own tooltip. No module, so that it works in a copy opened from a disk.
{
  const MARKS = ".drawing :is([data-model], [data-mark], svg.heat rect)";
  const REACH = 24; // pixels around a point that still mean it
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  const words = new Map(); // of each mark
  const places = new Map(); // of each model: its marks, and its rows in tables
  const note = document.createElement("p");
  note.className = "mark-note";
  note.hidden = true;
  note.setAttribute("role", "status");
  document.body.append(note);

  let shown = null;
  let pinned = false; // by a click or a key, until the next one

  function learn(place, model) {
    if (!places.has(model)) places.set(model, []);
    places.get(model).push(place);
  }

  for (const mark of document.querySelectorAll(MARKS)) {
    const title = mark.querySelector("title");
    words.set(mark, title?.textContent ?? "");
    title?.remove(); // or it would show as well
    if (mark.dataset.model) learn(mark, mark.dataset.model);
  }
  for (const head of document.querySelectorAll(".chart .data tbody th")) {
    if (places.has(head.textContent)) learn(head.parentElement, head.textContent);
  }
  for (const drawing of document.querySelectorAll(".chart .drawing:has([data-model], [data-mark])")) {
    drawing.tabIndex = 0;
    drawing.setAttribute("role", "group"); // as an image, it would have nothing to go through
    drawing.ariaLabel += " Arrow keys go from one value to the next.";
  }

  function show(mark) {
    if (mark === shown) return;
    bringOut(shown, false);
    shown = mark;
    note.hidden = !mark;
    if (!mark) return;
    bringOut(mark, true);
    note.textContent = words.get(mark);
    place(mark.querySelector("circle") ?? mark);
  }

  function bringOut(mark, out) {
    if (!mark) return;
    for (const one of places.get(mark.dataset.model) ?? [mark]) {
      one.classList.toggle("same", out);
      one.closest(".drawing")?.classList.toggle("has-same", out);
    }
  }

  function place(goal) {
    const { left, top, bottom, width } = goal.getBoundingClientRect();
    const room = document.documentElement.clientWidth - note.offsetWidth - 8;
    const x = Math.max(8, Math.min(left + width / 2 - note.offsetWidth / 2, room));
    const y = top > note.offsetHeight + 12 ? top - note.offsetHeight - 8 : bottom + 8;
    note.style.left = `${x + scrollX}px`;
    note.style.top = `${y + scrollY}px`;
  }

  function meant({ target, clientX, clientY }) {
    const mark = target.closest?.(MARKS);
    if (mark) return mark;
    let [best, least] = [null, REACH];
    for (const circle of target.closest?.(".drawing")?.querySelectorAll(".dot circle") ?? []) {
      const { left, top, width } = circle.getBoundingClientRect();
      const far = Math.hypot(left + width / 2 - clientX, top + width / 2 - clientY);
      if (far < least) [best, least] = [circle.closest(MARKS), far];
    }
    return best;
  }

  function step(drawing, key) {
    const marks = [...drawing.querySelectorAll(MARKS)];
    const at = marks.indexOf(shown);
    const goal = { Home: 0, End: marks.length - 1 }[key] ?? at + (at < 0 ? 1 : STEPS[key]);
    pinned = true;
    show(marks[Math.max(0, Math.min(goal, marks.length - 1))]);
  }

  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && !pinned) show(meant(event));
  });
  document.addEventListener("click", (event) => {
    const mark = meant(event);
    pinned = Boolean(mark);
    show(mark);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    const drawing = event.target.closest?.(".drawing[role=group]");
    if (!drawing || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    step(drawing, event.key);
  });
  document.addEventListener("focusout", leave);

  function leave() {
    pinned = false;
    show(null);
  }
}
