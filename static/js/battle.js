// A live battle: frames move blocks of rendered HTML into the two panes.
// The server sends only what is new; after a lost connection it goes on from the last `at`.

const NO_SUCH_BATTLE = 4404;

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
      let begun = [...(answer.children[keep]?.html ?? "")].slice(0, from).join("");
      while (answer.children.length > keep) answer.lastElementChild.remove();
      for (const rest of blocks) {
        const block = document.createElement("div");
        block.className = "block";
        block.html = begun + rest;
        block.innerHTML = block.html; // sanitised by the server
        answer.append(block);
        begun = "";
      }
      answer.classList.add("writing");
      progress.textContent = "writing …";
    }
  },

  queue({ ahead, seconds }) {
    const others = ahead === 1 ? "One answer is" : `${ahead} answers are`;
    const message = ahead ? `${others} before yours: about ${seconds} seconds.` : "";
    status.textContent = message || "Vote when both answers are complete.";
  },

  ready({ notes }) {
    for (const [side, { answer, progress, note }] of panes) {
      answer.classList.remove("writing");
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

  void({ message }) {
    const notice = root.querySelector("[data-void]");
    notice.querySelector("[data-void-message]").textContent = message;
    notice.hidden = false;
    verdict.remove();
    root.querySelector("[data-stop]")?.remove();
    for (const waiting of root.querySelectorAll(".waiting")) waiting.remove();
    for (const { answer, progress } of panes.values()) {
      answer.classList.remove("writing");
      progress.textContent = "";
    }
    root.querySelector(".follow-up")?.remove();
  },
};

function watch(attempt = 0) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const path = `/ws/battles/${root.dataset.battle}/?at=${shown.dataset.at}`;
  const socket = new WebSocket(`${scheme}://${location.host}${path}`);
  let over = false;

  socket.addEventListener("message", ({ data }) => {
    const { op, ...frame } = JSON.parse(data);
    attempt = 0;
    over = op === "ready" || op === "void";
    handlers[op](frame);
  });
  socket.addEventListener("close", ({ code }) => {
    if (over || code === NO_SUCH_BATTLE) return;
    if (attempt > 1) status.textContent = "The connection is lost. Trying again …";
    setTimeout(watch, Math.min(250 * 2 ** attempt, 5000), attempt + 1);
  });
}

if (root.hasAttribute("data-streaming")) watch();

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
