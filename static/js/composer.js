// A prompt box: Ctrl+Enter sends, and it is sent once.
for (const form of document.querySelectorAll("[data-composer]")) {
  const button = form.querySelector("button");
  const shortcut = form.querySelector("[data-shortcut]");
  if (matchMedia("(pointer: fine)").matches) shortcut.hidden = false;

  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(button);
  });

  form.addEventListener("submit", (event) => {
    if (button.ariaBusy === "true") return event.preventDefault();
    button.ariaBusy = "true";
  });
}

// Coming back with the browser's Back button: the box works again.
addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});
