// The start page: a suggestion goes into the box, others come without a reload, and battles voted on in
// the meantime are gone from the list when the browser's Back button brings an old page.
import { pageOf } from "./trusted.js";

const SLOT = /\[[^\]\n]+\]/;

const box = document.querySelector("[data-composer] textarea");
let asked = 0;

async function refresh(url, part) {
  const mine = ++asked;
  const page = await fetch(url).then((response) => response.text());
  const fresh = pageOf(page).querySelector(part);
  if (fresh && mine === asked) document.querySelector(part).replaceWith(fresh);
}

// As if it was typed, so that the browser can undo it.
function fill(text) {
  box.focus();
  box.select();
  if (!document.execCommand("insertText", false, text)) {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  selectSlot();
}

function selectSlot() {
  const slot = box.value.match(SLOT);
  if (slot) box.setSelectionRange(slot.index, slot.index + slot[0].length);
}

document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const suggestion = event.target.closest("[data-suggestion]");
  const others = event.target.closest("[data-others]");
  if (!suggestion && !others) return;
  event.preventDefault();
  if (suggestion) return fill(suggestion.dataset.suggestion);
  await refresh(others.href, "[data-suggestions]").catch(() => location.assign(others.href));
  document.getElementById(others.id)?.focus();
});

addEventListener("pageshow", ({ persisted }) => {
  if (persisted) refresh(location.href, "[data-unvoted]").catch(() => {});
});

if (new URLSearchParams(location.search).has("prompt")) selectSlot();
