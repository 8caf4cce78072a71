// The same pages that work without this, without loading them again.
const PERIOD = 2000; // milliseconds
const PAUSE = 250; // after the last key
const FOLDS = "[data-filters] details";

let asked = 0;

async function show(url, { remember = true } = {}) {
  const mine = ++asked;
  const page = await fetch(url).then((response) => response.text());
  if (mine !== asked) return; // something newer was asked for meanwhile
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-board]");
  if (!fresh) return;
  keepFocus(() => document.querySelector("[data-board]").replaceWith(fresh), fresh);
  if (remember) history.replaceState(null, "", url);
}

function keepFocus(change, fresh) {
  const held = document.activeElement;
  const { id, selectionStart } = held;
  const open = [...document.querySelectorAll(FOLDS)].map((fold) => fold.open);
  change();
  fresh.querySelectorAll(FOLDS).forEach((fold, i) => (fold.open ||= open[i]));
  const again = id && document.getElementById(id);
  if (!again || !fresh.contains(again)) return;
  if (again.type === "search" && held.value !== again.value) again.value = held.value;
  again.focus();
  if (again.type === "search") again.setSelectionRange(selectionStart, selectionStart);
}

function chosen(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return `${location.pathname}${query.size ? `?${query}` : ""}`;
}

const unreachable = (url) => () => location.assign(url);
let waiting;

document.addEventListener("input", ({ target }) => {
  const form = target.closest("[data-filters]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(
    () => show(chosen(form)).catch(unreachable(chosen(form))),
    target.type === "search" ? PAUSE : 0,
  );
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  event.preventDefault();
  show(chosen(event.target)).catch(unreachable(chosen(event.target)));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href).catch(unreachable(link.href));
});

async function refresh() {
  const { source, snapshot } = document.querySelector("[data-board]").dataset;
  if (!source) return;
  const news = await fetch(source + location.search).then((response) => response.json());
  if (String(news.snapshot ?? "") === (snapshot === "None" ? "" : snapshot)) return;
  await show(location.href, { remember: false });
}

setInterval(() => {
  if (!document.hidden) refresh().catch(() => {}); // the server is away: the page stays as it is
}, PERIOD);
