// Colours finished code blocks. A worker does it, so that no block, however hostile, holds up the
// page: one that takes too long is given up together with its worker, and stays as it was written.

const LONGEST = 50_000; // characters
const MOST_MS = 2_000; // for one block: much, as a busy phone is slow and nothing waits for it
const MOST_WORKERS = 3; // then the rest stays plain

const { dataset } = document.querySelector("script[data-worker-src]");
const [workerSource, librarySource] = [dataset.workerSrc, dataset.librarySrc].map(
  (source) => new URL(source, document.baseURI).href,
);

const waiting = [];
const seen = new WeakSet();
let worker, current, timer; // `worker` is set once it has its library
let started = 0;

function start() {
  started += 1;
  const starting = new Worker(workerSource);
  starting.addEventListener("error", () => giveUp(starting));
  starting.addEventListener("message", ({ data }) => {
    clearTimeout(timer);
    worker = starting;
    if (data.html) put(current, data.html);
    current = undefined;
    next();
  });
  starting.postMessage({ library: librarySource });
}

function next() {
  const code = waiting.shift();
  if (!code) return;
  current = { code, text: code.textContent };
  worker.postMessage({ text: current.text, language: code.className.replace("language-", "") });
  timer = setTimeout(() => giveUp(worker), MOST_MS);
}

function giveUp(lost) {
  clearTimeout(timer);
  lost.terminate();
  worker = current = undefined;
  if (waiting.length && started < MOST_WORKERS) start();
}

// What comes back is the same text in spans, or it is not shown.
function put({ code, text }, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
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
  if (!waiting.length || current) return;
  if (worker) next();
  else if (!started) start();
}

const observer = new MutationObserver((changes) => {
  for (const answer of new Set(changes.map(({ target }) => target))) colour(answer);
});
for (const answer of document.querySelectorAll(".answer")) {
  observer.observe(answer, { childList: true, attributeFilter: ["class"] });
  colour(answer);
}
