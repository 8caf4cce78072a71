// After the vote, one key leads to the next battle: into the prompt box, or to the next two answers.
const place = document.querySelector("[data-next]");

if (place && areKeysOn()) {
  place.querySelector("[data-hint]").hidden = !matchMedia("(pointer: fine)").matches;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, select, input:not([type=checkbox])")) return;
    event.preventDefault(); // or the letter would be typed into the box
    const box = place.querySelector("textarea");
    if (box) box.focus();
    else place.querySelector(".primary").click();
  });
}

// The switch is beside the verdicts, and kept.
function areKeysOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true;
  }
}
