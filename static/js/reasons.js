// Reasons and comments save themselves, one request after another, so that the last one wins. Without
// this script, or when a request fails, the Save button does it.

const PAUSE_MS = 800; // after the last letter of a comment

const form = document.querySelector("[data-reasons]");

if (form) {
  const button = form.querySelector("[data-save]");
  const status = form.querySelector("[data-status]");
  let line = Promise.resolve();
  let timer;

  button.hidden = true;

  form.addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(save, target.type === "checkbox" ? 0 : PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  // Whoever goes on before the pause is over loses nothing.
  form.addEventListener("change", ({ target }) => target.type !== "checkbox" && save());
  addEventListener("pagehide", () => timer && save());

  function save() {
    clearTimeout(timer);
    timer = null;
    status.textContent = form.dataset.saving;
    const body = new URLSearchParams(new FormData(form));
    line = line.then(() => send(body));
  }

  async function send(body) {
    let words = form.dataset.failed;
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", body, headers, keepalive: true });
      if (answer.ok) words = form.dataset.saved;
      else if (answer.headers.get("Content-Type") === "application/json") words = (await answer.json()).error;
      button.hidden = answer.ok && button !== document.activeElement; // which would be lost
    } catch {
      button.hidden = false;
    }
    if (!timer) status.textContent = words;
  }
}
