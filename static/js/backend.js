// Shows the fields of the chosen place alone. What is hidden is disabled, so it is not sent.
const choice = document.querySelector('select[name$="backend"]');

function show() {
  const isHere = choice.value === "llama_cpp";
  for (const [name, fits] of [["for-weights", isHere], ["for-api", !isHere]]) {
    for (const part of document.getElementsByClassName(name)) {
      part.hidden = !fits;
      part.disabled = !fits;
    }
  }
}

if (choice) {
  choice.addEventListener("change", show);
  show();
}
