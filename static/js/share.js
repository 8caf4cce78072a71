// The link of a shared battle: to the clipboard, or to whatever the device shares with.
const place = document.querySelector("[data-share]");

if (place) {
  const box = place.querySelector("input");
  const status = place.querySelector("[data-status]");
  const [copy, send] = ["copy", "send"].map((name) => place.querySelector(`[data-${name}-link]`));

  copy.hidden = false;
  copy.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      status.textContent = place.dataset.copied;
    } catch {
      status.textContent = place.dataset.notCopied; // no permission, or no HTTPS
    }
  });

  send.hidden = !navigator.share;
  send.addEventListener("click", () => navigator.share({ url: box.value }).catch(() => {}));
  box.addEventListener("focus", () => box.select());
}
