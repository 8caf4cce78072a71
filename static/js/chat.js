// A chat's page while its models reply: each reply is shown as it arrives.

import { Line } from "./line.js";
import { Panes } from "./panes.js";

const root = document.querySelector("[data-chat]");

function follow() {
  const panes = new Panes(root);
  let wasConnected = true;
  const frames = {
    text: (frame) => panes.show(frame),

    over: () => location.reload(), // it went on in another tab

    ready({ notes, goes_on }) {
      panes.end(notes);
      root.querySelector("[data-stop]").remove();
      const next = root.querySelector("[data-when-ready]");
      if (next && goes_on) next.disabled = next.hidden = false; // there is none after the last turn
    },
  };
  new Line({
    address,
    take: ({ op, ...frame }) => frames[op]?.(frame),
    tell(isConnected) {
      if (isConnected !== wasConnected) panes.flow(isConnected);
      wasConnected = isConnected;
    },
  });
}

function address() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const turn = root.querySelectorAll(".turn").length;
  const query = new URLSearchParams({ turn, lang: document.documentElement.lang });
  return `${scheme}://${location.host}${root.dataset.chat}?${query}`;
}

if (root?.hasAttribute("data-streaming")) follow();
