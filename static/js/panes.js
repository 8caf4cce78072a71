// The two panes of a battle's last turn. The server sends only what is new, as blocks of HTML.

import { create, finish, grow } from "./blocks.js";

const part = (pane, name) => pane.querySelector(`[data-${name}]`);

export class Panes {
  constructor(root) {
    this.shown = root.querySelector("[data-at]"); // how far both sides are shown
    this.sides = new Map();
    for (const answer of root.querySelectorAll("[data-live]")) {
      const pane = answer.closest(".pane");
      const [progress, note] = [part(pane, "progress"), part(pane, "note")];
      this.sides.set(pane.dataset.side, { pane, answer, progress, note });
    }
  }

  get at() {
    return this.shown.dataset.at;
  }

  show({ at, panes }) {
    this.shown.dataset.at = at;
    for (const { side, complete, ...change } of panes) {
      const { answer, progress } = this.sides.get(side);
      put(answer, change);
      answer.classList.toggle("writing", !complete);
      say(progress, complete ? "complete" : "writing");
    }
  }

  // Nothing more comes; `notes` say what an answer was cut off by.
  end(notes = {}) {
    for (const [side, { pane, answer, progress, note }] of this.sides) {
      answer.classList.remove("writing");
      if (answer.lastElementChild) finish(answer.lastElementChild);
      say(progress, null);
      note.textContent = notes[side] ?? "";
      note.hidden = !notes[side];
      pane.querySelector(".waiting")?.remove();
    }
  }

  // "writing …" stands only where words can come.
  flow(is) {
    for (const { answer, progress } of this.sides.values()) {
      const hasBegun = answer.children.length > 0;
      if (progress.textContent.trim() === progress.dataset.complete) continue;
      answer.classList.toggle("writing", is && hasBegun);
      say(progress, is ? (hasBegun ? "writing" : "thinking") : null);
    }
  }
}

function put(answer, { keep, from, blocks }) {
  const grown = from > 0 ? answer.children[keep] : null;
  while (answer.children.length > keep + (grown ? 1 : 0)) answer.lastElementChild.remove();
  if (grown) grow(grown, from, blocks.shift());
  answer.append(...blocks.map(create));
  for (const block of [...answer.children].slice(keep, -1)) finish(block);
}

function say(progress, name) {
  const text = name ? progress.dataset[name] : "";
  if (progress.textContent !== text) progress.textContent = text;
}
