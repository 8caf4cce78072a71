// Single keys that press buttons. They can be switched off (WCAG 2.1.4), and never fire from what is
// typed somewhere, nor right after it.

const TYPED_MS = 1_000;
const STORED = "keys";

let typed = -Infinity; // when something was last typed into a field

// `press` gets a key, and whether the focus is on nothing that the key Enter itself would press.
export function keys(panel, form, press) {
  const toggle = panel.querySelector("[role=switch]");
  set(toggle, form, stored() !== "off");
  panel.hidden = false;
  toggle.addEventListener("click", () => {
    set(toggle, form, toggle.ariaChecked !== "true");
    store(toggle.ariaChecked === "true" ? "on" : "off");
  });
  document.addEventListener("input", () => (typed = performance.now()), { capture: true });
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (isField(target)) typed = performance.now();
    const isOn = toggle.ariaChecked === "true" || key === "Escape"; // which is no character
    if (isOn && isMeant(event)) press(key, !target.closest?.("a, button, summary, [tabindex='0']"));
  });
}

function isMeant(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.repeat || event.isComposing || event.key === "Process") return false;
  return !isField(event.target) && performance.now() - typed > TYPED_MS;
}

function isField(target) {
  return Boolean(target.isContentEditable || target.closest?.("input, textarea, select"));
}

function set(toggle, form, isOn) {
  toggle.ariaChecked = String(isOn);
  toggle.textContent = isOn ? toggle.dataset.on : toggle.dataset.off;
  form.dataset.keys = isOn ? "on" : "off";
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function store(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // Then it holds for this page.
  }
}
