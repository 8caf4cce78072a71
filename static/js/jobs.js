// How far jobs are, without loading the page again.
const PERIOD = 1000; // milliseconds

async function refresh() {
  const shown = document.querySelector("[data-unfinished]");
  if (!shown || document.hidden) return;
  const page = await fetch(location.href).then((response) => response.text());
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-jobs]");
  if (!fresh) return; // logged out: the page stays as it is
  const held = shown.contains(document.activeElement) && document.activeElement.id;
  shown.replaceWith(fresh);
  if (held) document.getElementById(held)?.focus();
}

async function keepFresh() {
  await refresh().catch(() => {}); // the server is away: the next try may find it
  setTimeout(keepFresh, PERIOD);
}

setTimeout(keepFresh, PERIOD);
