// Links of shared battles, invitations and campaigns: to the clipboard, or to whatever the device
// shares with.
for (const place of document.querySelectorAll("[data-share]")) {
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

  if (send) {
    send.hidden = !navigator.share;
    send.addEventListener("click", () => navigator.share({ url: box.value }).catch(() => {}));
  }
  box.addEventListener("focus", () => box.select());
}
