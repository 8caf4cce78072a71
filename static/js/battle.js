// A battle's page: what the connection brings goes into the panes, what is chosen goes to the server.

import { keys } from "./keys.js";
import { Line } from "./line.js";
import { Panes } from "./panes.js";
import { Status } from "./status.js";
import { Verdict } from "./verdict.js";

const root = document.querySelector("[data-battle]");
const form = root.querySelector("form[data-verdict]");

function play() {
  const panes = new Panes(root);
  const status = new Status(form);
  const verdict = new Verdict(form, {
    status,
    hold: () => line?.pause(),
    release: () => line?.resume(),
  });
  const frames = {
    beat() {},

    text(frame) {
      panes.show(frame);
      form.elements.seen.value = panes.at;
      verdict.enable();
      status.set("battle", "writing");
    },

    queue({ message }) {
      status.set("battle", "waiting", message || undefined);
    },

    ready({ notes }) {
      panes.end(notes);
      verdict.enable();
      verdict.end();
      root.removeAttribute("data-streaming");
      for (const part of root.querySelectorAll("[data-when-ready]")) {
        part.disabled = part.hidden = false;
      }
      status.set("battle", "ready");
    },

    over() {
      location.reload(); // voted on, skipped or continued in another tab
    },

    void({ message }) {
      panes.end();
      for (const mark of root.querySelectorAll(".turn:last-of-type [data-mark]")) mark.remove();
      root.removeAttribute("data-streaming");
      const ended = root.querySelector("[data-ended]");
      ended.hidden = false;
      ended.querySelector("[data-message]").textContent = message;
      for (const part of root.querySelectorAll("form[data-verdict], [data-shortcuts], .follow-up, .criteria")) {
        if (part.contains(document.activeElement)) ended.focus({ preventScroll: true });
        part.remove();
      }
    },
  };
  const line = root.hasAttribute("data-streaming")
    ? new Line({
        address: () => address(panes.at),
        take: ({ op, ...frame }) => frames[op]?.(frame), // a newer server may send others
        tell: (isConnected) => tell(isConnected, { panes, status }),
      })
    : null;
  keys(root.querySelector("[data-shortcuts]"), form, (key, isFree) => press(verdict, key, isFree));
}

// The turn, because another tab may have gone on to the next one.
function address(at) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const turn = form.elements.turn.value;
  const query = new URLSearchParams({ at, turn, lang: document.documentElement.lang });
  return `${scheme}://${location.host}/ws/battles/${root.dataset.battle}/?${query}`;
}

let wasConnected = true;
function tell(isConnected, { panes, status }) {
  if (isConnected === wasConnected) return;
  wasConnected = isConnected;
  panes.flow(isConnected);
  if (isConnected) status.clear("line");
  else status.set("line", "lost");
}

function press(verdict, key, isFree) {
  if (key === "u" || key === "Escape") return verdict.undo();
  if (key === "Enter") return isFree && verdict.send();
  form.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
}

if (form) play();

// Where a vote or a skip leads: focus is put there for screen readers. The names are as high as a
// window, so the browser would show the middle of them.
const arrived = ["#reveal", "#skipped"].includes(location.hash) && document.querySelector(location.hash);
if (arrived) {
  arrived.focus({ preventScroll: true });
  arrived.scrollIntoView();
}
