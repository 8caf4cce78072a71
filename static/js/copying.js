// Buttons that copy an answer, or a block of its code: the text that is shown.
const SHOWN_MS = 2000;

export function offerCopies(battle) {
  if (!navigator.clipboard) return; // not over plain HTTP
  const { dataset } = battle.querySelector("[data-views]");
  for (const code of battle.querySelectorAll(".answer pre > code")) addTo(code, dataset.copyCode);
  for (const button of battle.querySelectorAll("[data-copy]")) button.disabled = false;

  battle.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy], [data-code]");
    if (!button) return;
    const text = button.hasAttribute("data-code")
      ? button.nextElementSibling.textContent
      : textOf(button.closest(".pane").querySelector(".answer"));
    const copied = navigator.clipboard.writeText(text);
    tell(button, await copied.then(() => dataset.copied, () => dataset.failed));
  });
}

function addTo(code, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.dataset.code = "";
  button.dataset.label = button.ariaLabel = label;
  code.parentElement.before(button);
}

function textOf(answer) {
  return [...answer.querySelectorAll(":scope > .block > *")]
    .filter((part) => !part.matches("button"))
    .map((part) => part.innerText.trimEnd())
    .join("\n\n");
}

function tell(button, sentence) {
  const { label } = button.dataset;
  const status = button.closest(".turn").querySelector("[data-views-status]");
  status.textContent = button.dataset.label = sentence;
  setTimeout(() => {
    button.dataset.label = label;
    status.textContent = "";
  }, SHOWN_MS);
}
