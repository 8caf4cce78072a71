// A chat's page while its models reply: each reply is shown as it arrives.

import { Line } from "./line.js";
import { Panes } from "./panes.js";

const root = document.querySelector("[data-chat]");

function follow() {
  const panes = new Panes(root);
  const frames = {
    text: (frame) => panes.show(frame),

    ready({ notes }) {
      panes.end(notes);
      root.querySelector("[data-stop]").remove();
      const next = root.querySelector("[data-when-ready]");
      if (next) next.disabled = next.hidden = false; // there is none after the last turn
    },
  };
  new Line({
    address,
    take: ({ op, ...frame }) => frames[op]?.(frame),
    tell: (isConnected) => panes.flow(isConnected),
  });
}

function address() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = new URLSearchParams({ lang: document.documentElement.lang });
  return `${scheme}://${location.host}/ws/chats/${root.dataset.chat}/?${query}`;
}

if (root.hasAttribute("data-streaming")) follow();
