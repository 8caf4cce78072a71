// Reading two answers: which is shown and how (views.js), and copying them (copying.js).
import { offerCopies } from "./copying.js";
import { offerViews } from "./views.js";

const battle = document.querySelector("[data-battle]");

// While words come nothing else may move: marks and buttons that need whole answers wait.
function whenComplete(act) {
  const isStreaming = () => battle.hasAttribute("data-streaming");
  if (!isStreaming()) return act();
  const observer = new MutationObserver(() => {
    if (isStreaming()) return;
    observer.disconnect();
    act();
  });
  observer.observe(battle, { attributeFilter: ["data-streaming"] });
}

offerViews(battle, whenComplete);
whenComplete(() => offerCopies(battle));

// Brought back from the browser's memory, the page may have been voted on or skipped meanwhile.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && battle.querySelector("form[data-verdict]")) location.reload();
});
