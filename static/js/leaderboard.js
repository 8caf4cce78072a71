// A new vote shows without loading the page again.
const PERIOD = 2000; // milliseconds

async function refresh() {
  const board = document.querySelector("[data-board]");
  const news = await fetch(board.dataset.source).then((response) => response.json());
  if (String(news.snapshot ?? "") === board.dataset.snapshot) return;
  const page = await fetch(location.href).then((response) => response.text());
  board.replaceWith(new DOMParser().parseFromString(page, "text/html").querySelector("[data-board]"));
}

setInterval(() => {
  if (!document.hidden) refresh().catch(() => {}); // the server is away: the page stays as it is
}, PERIOD);
