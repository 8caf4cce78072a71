// A form of the admin is sent once: the second click of a double click would do everything again,
// and log it again.
const PAUSE_MS = 2000;

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (sent.has(form)) return event.preventDefault();
  if (event.defaultPrevented || form.method !== "post") return;
  sent.add(form);
  setTimeout(() => sent.delete(form), PAUSE_MS); // for what answers with a file, and the page stays
});
