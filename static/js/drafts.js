// An unsent prompt stays through a reload, an error, a lost connection and an expired session. It is
// forgotten only when a page shows it as the prompt of a turn: then the server has it.
import { drafts } from "./kept.js";

const SENT = "sent";

export function keepDraft(form, box) {
  const key = `draft:${form.dataset.composer}`;
  const draft = drafts.get(key);
  if (draft && box.value === box.defaultValue && mayReplace(box.defaultValue, draft)) {
    box.value = draft.text;
  }
  box.addEventListener("input", () => save(key, box));
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    save(key, box);
    drafts.set(SENT, { key, text: box.value });
  });
}

export function forgetTaken() {
  const sent = drafts.get(SENT);
  const newest = [...document.querySelectorAll("[data-prompt]")].at(-1);
  if (!sent || !newest || bare(newest.textContent) !== bare(sent.text)) return;
  drafts.remove(sent.key);
  drafts.remove(SENT);
}

// What the server put into the box stands, unless the draft was made of it.
function mayReplace(given, draft) {
  return given === "" || given === draft.given;
}

function save(key, box) {
  if (box.value.trim()) drafts.set(key, { text: box.value, given: box.defaultValue });
  else drafts.remove(key);
}

// The server trims, and writes line breaks in its own way.
function bare(text) {
  return text.replace(/[\s\0]+/g, "");
}
