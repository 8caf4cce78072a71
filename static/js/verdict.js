// A choice stands for a moment in the browser before it is sent, so that it can be taken back: until
// then nothing is stored, and no name has left the server. Leaving the page in that time sends it.

const RETRY_MS = 3_000;
const HANGS_MS = 15_000;
const NEW_MS = 400; // for so long Stop takes no click that was meant for Undo, which it replaces

export class Verdict {
  chosen = null; // the button
  appeared = -Infinity; // when Stop did
  mayBeStored = false; // so it can no longer be taken back

  // `hold` stops the text where it was chosen, `release` lets it go on.
  constructor(form, { status, hold, release }) {
    Object.assign(this, { form, status, hold, release });
    this.wait = Number(form.dataset.undo);
    this.choices = [...form.querySelectorAll(".choice")];
    [this.stop, this.undoing] = ["stop", "undo-button"].map((n) => form.querySelector(`[data-${n}]`));
    this.isOver = this.stop.disabled; // nothing is being written
    for (const button of this.choices) button.ariaPressed = "false";
    this.swapSlot();
    form.addEventListener("click", (event) => this.#ignoreTooEarly(event), { capture: true });
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("keydown", (event) => {
      if (event.repeat && event.key === "Enter") event.preventDefault(); // held, not pressed twice
    });
    form.addEventListener("reset", (event) => this.#clear(event));
    this.undoing.addEventListener("click", () => this.undo());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#comeBack());
    document.addEventListener("visibilitychange", () =>
      document.hidden ? this.#leave() : this.#comeBack(),
    );
    addEventListener("online", () => this.isUnsent && this.send());
  }

  // From the first words on.
  enable() {
    for (const button of this.choices) button.disabled = false;
  }

  // Nothing is left to stop.
  end() {
    this.isOver = true;
    this.swapSlot();
  }

  choose(button) {
    if (this.isSending || (this.mayBeStored && button !== this.chosen)) return;
    if (button === this.chosen) return this.send();
    this.#mark(button);
    this.hold();
    this.status.set("choice", "chosen", button.dataset.chosen);
    clearTimeout(this.timer);
    if (!this.wait) return this.send();
    this.timer = setTimeout(() => this.send(), this.wait);
  }

  undo() {
    if (!this.chosen || this.isSending || this.mayBeStored) return;
    clearTimeout(this.timer);
    this.#disable(this.undoing, this.chosen);
    this.#mark(null);
    this.isUnsent = false;
    this.status.clear("choice");
    this.release();
  }

  async send() {
    clearTimeout(this.timer);
    if (!this.chosen || this.isSending) return;
    this.isSending = true;
    this.#disable(this.undoing, this.chosen);
    this.status.set("choice", "sending", this.chosen.dataset.sending); // none: as for a vote
    try {
      const [url, body] = this.#request();
      const response = await post(url, body);
      if (response.status >= 500) this.#keep(); // the server is away for a moment
      else this.#arrive(response);
    } catch {
      this.#keep();
    }
  }

  // Stored: the page is now another.
  #arrive(response) {
    if (isRefused(response)) return this.#pass(this.chosen);
    const isSkipped = this.chosen.hasAttribute("formaction");
    this.chosen = null;
    history.scrollRestoration = "manual";
    location.hash = isSkipped ? "skipped" : "reveal";
    location.reload();
  }

  // No connection: the choice stays, can still be taken back, and is sent again.
  #keep() {
    this.isSending = false;
    this.isUnsent = true;
    this.mayBeStored ||= this.hasLeft || navigator.onLine; // and only the reply was lost
    this.undoing.disabled = this.mayBeStored;
    this.status.set("choice", "unsent");
    this.timer = setTimeout(() => this.send(), RETRY_MS);
  }

  #request() {
    const action = this.chosen.getAttribute("formaction") ?? this.form.action;
    return [action, new URLSearchParams(new FormData(this.form, this.chosen))];
  }

  // The server takes the same choice twice for once, so that a page that is left may send it, and
  // send it again when it is seen again, to arrive where it leads.
  #leave() {
    if (!this.chosen || this.isPassing) return;
    clearTimeout(this.timer);
    this.hasLeft = true;
    navigator.sendBeacon(...this.#request());
  }

  #comeBack() {
    if (this.chosen && this.hasLeft) this.send();
  }

  #mark(button) {
    if (this.chosen) this.chosen.ariaPressed = "false";
    this.chosen = button;
    if (button) {
      button.ariaPressed = "true";
      button.style.setProperty("--undo", `${this.wait}ms`);
    }
    this.swapSlot();
  }

  // Stop while text comes, Undo while a choice stands; what is disabled there cannot be seen.
  swapSlot() {
    const isOff = this.isOver || this.chosen !== null;
    if (this.stop.disabled && !isOff) this.appeared = performance.now();
    this.undoing.disabled = this.chosen === null;
    if (isOff) this.#disable(this.stop, this.chosen ? this.undoing : this.form);
    else this.stop.disabled = false;
  }

  // The focus goes on to `next`: it would be lost with what goes.
  #disable(button, next) {
    if (button === document.activeElement) next.focus({ preventScroll: true });
    button.disabled = true;
  }

  #ignoreTooEarly(event) {
    const isNew = performance.now() - this.appeared < NEW_MS;
    if (isNew && event.detail > 0 && event.target === this.stop) event.preventDefault();
  }

  #submit(event) {
    if (this.isPassing) return;
    event.preventDefault();
    const button = event.submitter;
    if (button === this.stop) this.#end();
    else if (this.choices.includes(button)) this.choose(button);
  }

  // What was answered besides. A browser would go back to what stood here after a refused vote.
  #clear(event) {
    event.preventDefault();
    const answers = [...this.form.elements].filter((field) => field.type === "radio");
    for (const answer of answers) answer.checked = false;
    answers[0]?.focus(); // the button is hidden now
  }

  // Both end here, whatever still arrives; the connection then says how.
  async #end() {
    if (this.isStopping) return;
    this.isStopping = true;
    this.hold();
    const body = new URLSearchParams(new FormData(this.form));
    const response = await post(this.stop.formAction, body).catch(() => null);
    this.isStopping = false;
    if (response && isRefused(response)) return this.#pass(this.stop);
    if (!this.chosen) this.release();
  }

  // The server's own page says why not.
  #pass(button) {
    this.isPassing = true;
    this.form.requestSubmit(button);
  }
}

function post(url, body) {
  const signal = AbortSignal.timeout(HANGS_MS);
  return fetch(url, { method: "POST", body, redirect: "manual", keepalive: true, signal });
}

// Otherwise it leads on, or the server is away for a moment.
function isRefused({ type, status }) {
  return type !== "opaqueredirect" && status < 500;
}
