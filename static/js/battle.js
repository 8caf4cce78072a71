// A live battle: frames move blocks of rendered HTML into the two panes.
// The server sends only what is new; after a lost connection it goes on from the last `at`.

import { create, finish, grow } from "./blocks.js";

const NO_SUCH_BATTLE = 4404;
const SILENT_MS = 12_000; // the server says every 5 seconds that it is there
const STALE_MS = 6_000; // on coming back to the page
const LOST = "Connection lost. Reconnecting …";
const WAITING = "Vote when both answers are complete.";

const root = document.querySelector("[data-battle]");
const verdict = document.querySelector("[data-verdict]");
const status = document.querySelector("[data-status]");

const shown = root.querySelector("[data-at]"); // how far both sides are shown
const panes = new Map();
for (const answer of root.querySelectorAll("[data-live]")) {
  const pane = answer.closest(".pane");
  const [progress, note] = ["progress", "note"].map((name) => pane.querySelector(`[data-${name}]`));
  panes.set(pane.dataset.side, { answer, progress, note });
}

const handlers = {
  beat() {},

  text({ at, panes: changed }) {
    shown.dataset.at = at;
    for (const { side, keep, from, blocks } of changed) {
      const { answer, progress } = panes.get(side);
      const grown = from > 0 ? answer.children[keep] : null;
      while (answer.children.length > keep + (grown ? 1 : 0)) answer.lastElementChild.remove();
      if (grown) grow(grown, from, blocks.shift());
      answer.append(...blocks.map(create));
      for (const block of [...answer.children].slice(keep, -1)) finish(block);
      answer.classList.add("writing");
      progress.textContent = "writing …";
    }
  },

  queue({ ahead, seconds }) {
    const others = ahead === 1 ? "One answer is" : `${ahead} answers are`;
    const message = ahead ? `${others} ahead of yours: about ${seconds} seconds.` : "";
    status.textContent = message || WAITING;
  },

  ready({ notes }) {
    for (const [side, { answer, progress, note }] of panes) {
      answer.classList.remove("writing");
      if (answer.lastElementChild) finish(answer.lastElementChild);
      progress.textContent = "";
      note.textContent = notes[side];
      note.hidden = !notes[side];
    }
    root.removeAttribute("data-streaming");
    root.querySelector("[data-stop]")?.remove();
    for (const part of root.querySelectorAll("[data-when-ready]")) {
      part.disabled = false;
      part.hidden = false;
    }
    status.textContent = "Which answer is better?";
  },

  over() {
    location.reload(); // voted on or skipped in another tab
  },

  void({ message }) {
    const notice = root.querySelector("[data-void]");
    notice.querySelector("[data-void-message]").textContent = message;
    notice.hidden = false;
    root.querySelector("[data-bar]").remove();
    for (const waiting of root.querySelectorAll(".waiting")) waiting.remove();
    for (const { answer, progress } of panes.values()) {
      answer.classList.remove("writing");
      progress.textContent = "";
    }
    root.querySelector(".follow-up")?.remove();
  },
};

// One websocket at a time. It counts as lost as soon as the browser says that it is offline, or after
// a silence: a connection that carries nothing any more does not close by itself.
class Line {
  attempts = 0;
  isOver = false;

  open() {
    this.leave();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const path = `/ws/battles/${root.dataset.battle}/?at=${shown.dataset.at}`;
    const socket = new WebSocket(`${scheme}://${location.host}${path}`);
    this.socket = socket;
    this.listen();
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.socket) this.take(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket !== this.socket || this.isOver || code === NO_SUCH_BATTLE) return;
      this.again();
    });
  }

  take({ op, ...frame }) {
    this.attempts = 0;
    this.isOver = ["ready", "void", "over"].includes(op);
    this.listen();
    tellConnected(true);
    handlers[op]?.(frame); // a newer server may send frames that this page does not know
    if (this.isOver) clearTimeout(this.silence);
  }

  listen() {
    this.heard = performance.now();
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      tellConnected(false);
      this.again();
    }, SILENT_MS);
  }

  // Connect again, at once the first time, then with growing pauses.
  again() {
    if (!navigator.onLine) return this.lose();
    this.leave();
    if (this.attempts) tellConnected(false);
    const pause = this.attempts ? Math.min(250 * 2 ** this.attempts, 5000) : 0;
    this.attempts += 1;
    this.retry = setTimeout(() => this.open(), pause);
  }

  leave() {
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  lose() {
    if (this.isOver) return;
    this.leave();
    tellConnected(false);
    this.retry = setTimeout(() => this.open(), SILENT_MS); // in case nobody says "online"
  }

  wake(stale) {
    if (this.isOver || (this.socket && performance.now() - this.heard < stale)) return;
    this.attempts = 0;
    this.open();
  }
}

// "writing …" stands only where words can come.
let isConnected = true;
function tellConnected(is) {
  if (is === isConnected) return;
  isConnected = is;
  status.textContent = is ? WAITING : LOST;
  for (const { answer, progress } of panes.values()) {
    answer.classList.toggle("writing", is && answer.children.length > 0);
    progress.textContent = is ? (answer.children.length > 0 ? "writing …" : "thinking …") : "";
  }
}

if (root.hasAttribute("data-streaming")) {
  const line = new Line();
  line.open();
  addEventListener("offline", () => line.lose());
  addEventListener("online", () => line.wake(0));
  addEventListener("pageshow", ({ persisted }) => persisted && line.wake(0));
  document.addEventListener("visibilitychange", () => document.hidden || line.wake(STALE_MS));
}

root.querySelector("[data-stop]")?.addEventListener("submit", ({ target }) => {
  target.elements.seen.value = shown.dataset.at; // both answers end here, whatever still arrives
  handlers.text = () => {};
});

if (verdict) {
  let sent = false;
  verdict.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault(); // a double click
    sent = true;
    status.textContent = "Storing your vote …";
  });
  addEventListener("pageshow", () => (sent = false));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, input")) return;
    verdict.querySelector(`fieldset:enabled [data-key="${CSS.escape(event.key)}"]`)?.click();
  });
}

if (location.hash === "#reveal") document.getElementById("reveal")?.focus();
