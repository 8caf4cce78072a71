// A chat's page while its models reply: each reply is shown as it arrives.

import { Line } from "./line.js";
import { Panes } from "./panes.js";

const root = document.querySelector("[data-chat]");

function follow() {
  const panes = new Panes(root);
  const stop = root.querySelector("[data-stop]");
  let wasConnected = true;
  const frames = {
    text: (frame) => panes.show(frame),

    over: () => location.reload(), // it went on in another tab

    ready({ notes, goes_on }) {
      panes.end(notes);
      const next = root.querySelector("[data-when-ready]");
      if (next && goes_on) next.disabled = next.hidden = false; // there is none after the last turn
      if (stop.contains(document.activeElement)) root.focus({ preventScroll: true });
      stop.remove();
    },
  };
  stop.addEventListener("submit", (event) => end(event, stop));
  new Line({
    address,
    take: ({ op, ...frame }) => frames[op]?.(frame),
    tell(isConnected) {
      if (isConnected !== wasConnected) panes.flow(isConnected);
      wasConnected = isConnected;
    },
  });
}

// The page stays where it is: the connection says how the replies end.
async function end(event, stop) {
  event.preventDefault();
  const about = { method: "POST", body: new URLSearchParams(new FormData(stop)), redirect: "manual" };
  const response = await fetch(stop.action, about).catch(() => null);
  if (response && response.type !== "opaqueredirect") stop.submit(); // whose page says why
}

function address() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const turn = root.querySelectorAll(".turn").length;
  const query = new URLSearchParams({ turn, lang: document.documentElement.lang });
  return `${scheme}://${location.host}${root.dataset.chat}?${query}`;
}

if (root?.hasAttribute("data-streaming")) follow();
