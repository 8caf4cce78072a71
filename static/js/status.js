// The line that says what is going on, for eyes and screen readers: each sentence once, when it
// begins to hold. The sentences stand in its data attributes, in the language of the page.

const LAYERS = ["battle", "line", "choice"]; // the last that has something to say is heard

export class Status {
  said = {};

  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-status]");
    this.said.battle = { name: form.dataset.state, text: this.line.dataset[form.dataset.state] };
  }

  set(layer, name, text = this.line.dataset[name]) {
    this.said[layer] = { name, text };
    this.#show();
  }

  clear(layer) {
    delete this.said[layer];
    this.#show();
  }

  #show() {
    const { name, text } = this.said[LAYERS.findLast((layer) => layer in this.said)];
    this.form.dataset.state = name;
    if (this.line.textContent.trim() !== text) this.line.textContent = text;
  }
}
