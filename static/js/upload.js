// Sends a large file in pieces, each after the other. The server says how much it has, so that a
// piece that got lost is sent again, and the same file chosen later goes on where it was.
const PAUSE = 2000; // before a lost piece is sent again

const form = document.querySelector("form[data-upload]");
const moving = form.querySelector("[data-moving]");
const bar = moving.querySelector("progress");
const said = moving.querySelector("output");
const button = form.querySelector("button");

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));
const megabytes = (bytes) => (bytes / 1e6).toLocaleString(undefined, { maximumFractionDigits: 0 });

function addressOf(file, at) {
  const { name, size, lastModified: modified } = file;
  const query = new URLSearchParams({ name, size, modified, at });
  const home = form.elements.home?.value;
  if (home) query.set("home", home);
  return `${form.dataset.upload}?${query}`;
}

// What the server answers; null while it cannot be reached.
async function send(file, at, body) {
  const headers = {
    "Content-Type": "application/octet-stream",
    "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
  };
  try {
    const response = await fetch(addressOf(file, at), { method: "POST", headers, body });
    // Led to the sign-in page, or its token is of an older session.
    if (response.redirected || response.status === 403) return { error: form.dataset.out };
    return response.ok || response.status === 400 ? await response.json() : null;
  } catch {
    return null;
  }
}

function show(file, have) {
  bar.value = (100 * have) / file.size;
  said.textContent = `${megabytes(have)} / ${megabytes(file.size)} MB`;
}

async function upload(file) {
  const piece = Number(form.dataset.piece);
  let have = -1; // asks first
  while (true) {
    const body = have < 0 ? null : file.slice(have, have + piece);
    const answer = await send(file, have, body);
    if (!answer) {
      said.textContent = form.dataset.lost;
      await pause();
    } else if (answer.next) {
      return location.assign(answer.next);
    } else if (answer.error) {
      return stop(answer.error);
    } else {
      have = answer.have;
      show(file, have);
    }
  }
}

function stop(sentence) {
  said.textContent = sentence;
  button.disabled = false;
  form.elements.file.disabled = false;
}

form.addEventListener("submit", (event) => {
  const [file] = form.elements.file.files;
  if (!file) return;
  event.preventDefault();
  moving.hidden = false;
  button.disabled = true;
  form.elements.file.disabled = true;
  upload(file);
});
