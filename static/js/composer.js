// A prompt box: which keys send it, how much still fits, and that it is sent once.
import { forgetTaken, keepDraft } from "./drafts.js";
import { choices } from "./kept.js";

const ENTER_SENDS = "enter-sends";
const IN_COMPOSITION = 229; // the key code of whatever an input method takes
const NEAR = 0.05; // of the limit: from here on what is left is counted
const GIVEN_UP_MS = 15_000; // whoever is still here stopped the browser from going on
const PAUSE_MS = 1000; // after the last key, until a screen reader hears it

const { lang } = document.documentElement;
const numbers = new Intl.NumberFormat(lang);
const plurals = new Intl.PluralRules(lang);

function compose(form) {
  const box = form.querySelector("textarea");
  const button = form.querySelector(".actions button");
  const said = form.querySelector("[data-said]");
  const aloud = form.querySelector("[data-aloud]");
  const most = Number(form.dataset.most);
  let later;

  function say(sentence, { isWrong = false, atOnce = false } = {}) {
    said.textContent = sentence;
    said.hidden = !sentence;
    said.classList.toggle("wrong", isWrong);
    box.ariaInvalid = isWrong ? "true" : null;
    clearTimeout(later);
    later = setTimeout(() => (aloud.textContent = sentence), atOnce ? 0 : PAUSE_MS);
  }

  function look() {
    const left = most - characters(box.value);
    button.disabled = left < 0;
    if (left < 0) say(counted(said, "long", -left), { isWrong: true });
    else say(left <= most * NEAR ? counted(said, "left", left) : "");
  }

  function objection() {
    if (!box.value.trim()) return said.dataset.empty;
    const excess = characters(box.value) - most;
    if (excess > 0) return counted(said, "long", excess);
    return navigator.onLine ? "" : said.dataset.offline;
  }

  box.addEventListener("input", look);
  box.addEventListener("keydown", (event) => {
    if (!asksToSend(event)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    const sentence = objection();
    if (!sentence && button.ariaBusy !== "true") {
      setTimeout(() => (button.ariaBusy = null), GIVEN_UP_MS);
      return (button.ariaBusy = "true");
    }
    event.preventDefault();
    if (!sentence) return; // it is on its way already
    say(sentence, { isWrong: true, atOnce: true });
    box.focus();
  });

  keepDraft(form, box);
  fit(box);
  offerKeys(form.querySelector("[data-keys]"));
  look();
}

function asksToSend(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === IN_COMPOSITION) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return doesEnterSend() && !event.shiftKey && !event.altKey;
}

// Unless the visitor has said otherwise: with a mouse there is a keyboard, which has Shift; on a
// touch screen Enter is the only way to a new line.
function doesEnterSend() {
  return choices.get(ENTER_SENDS) ?? matchMedia("(pointer: fine)").matches;
}

function offerKeys(keys) {
  const choice = keys.querySelector("input");
  const show = () => {
    choice.checked = doesEnterSend();
    keys.querySelector("[data-on]").hidden = !choice.checked;
    keys.querySelector("[data-off]").hidden = choice.checked;
  };
  choice.addEventListener("change", () => {
    choices.set(ENTER_SENDS, choice.checked);
    show();
  });
  addEventListener("storage", show); // chosen in another tab
  show();
  keys.hidden = !matchMedia("(any-pointer: fine)").matches;
}

// As the server counts: an emoji is one character, and white space around the prompt is none.
function characters(text) {
  return text.trim().replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, "_").length;
}

function counted(words, name, number) {
  const form = `data-${name}-${plurals.select(number)}`;
  const sentence = words.getAttribute(words.hasAttribute(form) ? form : `data-${name}-other`);
  return sentence.replace("{n}", numbers.format(number));
}

// The box is as high as its text: where CSS cannot do that yet.
function fit(box) {
  if (CSS.supports("field-sizing: content")) return;
  const grow = () => {
    box.style.blockSize = "auto";
    box.style.blockSize = `${box.scrollHeight + 2}px`; // and its border
  };
  box.addEventListener("input", grow);
  grow();
}

forgetTaken();
document.querySelectorAll("[data-composer]").forEach(compose);

// Coming back with the browser's Back button: the box works again.
addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});
