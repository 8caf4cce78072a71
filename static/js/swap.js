// Pages that change without being loaded again; each works without this, by being loaded. Their HTML
// says how:
//   [data-part]        what is swapped for the same part of a page fetched anew
//     data-every       and refreshed so often (milliseconds),
//     data-newest      if the JSON at this address names another snapshot than data-snapshot
//   form, a[data-swap] show their page there
import { pageOf } from "./trusted.js";

const PAUSE = 250; // after the last key

let asked = 0;

const part = () => document.querySelector("[data-part]");

// A choice beats what was asked for before it; a refresh that it overtakes is dropped.
async function show(url, { chosen = true } = {}) {
  const mine = chosen ? ++asked : asked;
  const page = await fetch(url).then((response) => response.text());
  if (mine !== asked || (!chosen && url !== location.href)) return;
  const other = pageOf(page);
  const fresh = other.querySelector("[data-part]");
  if (!fresh) return; // logged out: the page stays as it is
  swap(part(), fresh);
  if (!chosen) return;
  history.replaceState(null, "", url);
  const languages = other.querySelector("[data-languages]"); // their links keep the choices
  if (languages) document.querySelector("[data-languages]")?.replaceWith(languages);
}

// Focus, words being typed and what is folded open stay.
function swap(shown, fresh) {
  const held = document.activeElement;
  const { id, selectionStart } = held;
  const open = [...shown.querySelectorAll("details")].map((fold) => fold.open);
  fresh.querySelectorAll("details").forEach((fold, i) => (fold.open ||= open[i]));
  shown.replaceWith(fresh);
  const again = id && document.getElementById(id);
  if (!again || !fresh.contains(again)) return;
  if (again.type === "search" && held.value !== again.value) again.value = held.value;
  again.focus();
  if (again.type === "search") again.setSelectionRange(selectionStart, selectionStart);
}

const choose = (url) => show(url).catch(() => location.assign(url));

function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return `${location.pathname}${query.size ? `?${query}` : ""}`;
}

let waiting;

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-swap]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => choose(addressOf(form)), target.type === "search" ? PAUSE : 0);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-swap]")) return;
  event.preventDefault();
  choose(addressOf(event.target));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link.href);
});

async function refresh({ newest, snapshot }) {
  if (newest) {
    const news = await fetch(newest + location.search).then((response) => response.json());
    if (String(news.snapshot ?? "") === snapshot) return;
  }
  await show(location.href, { chosen: false });
}

function keepFresh() {
  const { dataset } = part();
  if (!dataset.every) return;
  setTimeout(async () => {
    if (!document.hidden) await refresh(part().dataset).catch(() => {}); // the server may be away
    keepFresh();
  }, dataset.every);
}

keepFresh();
