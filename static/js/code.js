// Colours finished code blocks. A worker does it, so that no block, however hostile, holds up the
// page: one that takes too long, or ends its worker, stays as it was written, and a new worker goes on
// with the next. The library comes with the first block, each language with the first that names it.
import { htmlOf, workerAt } from "./trusted.js";

const LONGEST = 50_000; // characters
const MOST_MS = 2_000; // for one block: much, as a busy phone is slow and nothing waits for it
const FETCH_MS = 20_000; // for the library and a language to come
const MOST_LOST = 3; // workers in a row: then the rest stays plain

const { workerSrc } = document.querySelector("script[data-worker-src]").dataset;
const workerSource = new URL(workerSrc, document.baseURI).href;

const waiting = [];
const seen = new WeakSet();
let worker, timer;
let current; // what the worker is at: the block, its text and language
let lost = 0;

function start() {
  const starting = workerAt(workerSource, { type: "module" });
  starting.addEventListener("error", () => starting === worker && giveUp());
  starting.addEventListener("message", ({ data }) => starting === worker && take(data));
  return starting;
}

function next() {
  if (current || !waiting.length || lost >= MOST_LOST) return;
  worker ??= start();
  const code = waiting.shift();
  const language = code.className.replace("language-", "");
  current = { code, text: code.textContent, language };
  ask({ language }, FETCH_MS);
}

function ask(question, patience) {
  worker.postMessage(question);
  timer = setTimeout(giveUp, patience);
}

function take({ isKnown, html }) {
  clearTimeout(timer);
  const { text, language } = current;
  if (isKnown) return ask({ text, language }, MOST_MS);
  lost = 0;
  if (html) put(current, html);
  current = undefined;
  next();
}

function giveUp() {
  clearTimeout(timer);
  worker.terminate();
  worker = current = undefined;
  lost += 1;
  next();
}

// What comes back is the same text in spans, or it is not shown.
function put({ code, text }, html) {
  const template = document.createElement("template");
  template.innerHTML = htmlOf(html);
  const strange = template.content.querySelector(":not(span), span:not([class]), span[style]");
  if (strange || template.content.textContent !== text || code.textContent !== text) return;
  code.replaceChildren(template.content);
}

function colour(answer) {
  const blocks = [...answer.children];
  if (answer.classList.contains("writing")) blocks.pop(); // it still grows
  for (const block of blocks) {
    for (const code of block.querySelectorAll("pre > code[class]")) {
      if (seen.has(code) || code.textContent.length > LONGEST) continue;
      seen.add(code);
      waiting.push(code);
    }
  }
  next();
}

const observer = new MutationObserver((changes) => {
  for (const answer of new Set(changes.map(({ target }) => target))) colour(answer);
});
for (const answer of document.querySelectorAll(".answer")) {
  observer.observe(answer, { childList: true, attributeFilter: ["class"] });
  colour(answer);
}
