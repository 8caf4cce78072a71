// Proof of work: ALTCHA's widget computes in workers; then the form goes by itself, unless its text
// has been changed meanwhile. It has nothing to operate, so nothing has to be reached or read.
import "./plain.js"; // its labels, which nobody sees
import "../vendor/altcha/altcha.min.js";
import { workerAt } from "./trusted.js";

const place = document.querySelector("[data-proof]");
const form = place.closest("form");
const box = form.querySelector("textarea");
const worker = new URL(place.dataset.worker, document.baseURI).href;
const sent = box?.value;

function say(what) {
  for (const each of ["scriptless", "computing", "done", "unable"])
    place.querySelector(`[data-${each}]`).hidden = each !== what;
}

function goOn() {
  if (box?.value !== sent) return say("done");
  const consent = form.querySelector(".consent input");
  if (consent?.matches(":focus")) return say("done"); // about to choose
  form.requestSubmit(form.querySelector("button:not([name])"));
}

globalThis.$altcha.algorithms.set("PBKDF2/SHA-256", () => workerAt(worker));
say("computing");
place.querySelector("altcha-widget").addEventListener("statechange", ({ detail }) => {
  if (detail.state === "verified") setTimeout(goOn); // once the widget has written its field
  if (detail.state === "error" || detail.state === "expired") say("unable");
});
if (!globalThis.crypto?.subtle) say("unable"); // a page without HTTPS
