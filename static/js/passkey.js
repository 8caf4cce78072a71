// Forms whose answer a passkey gives: the browser asks for it, then the form is sent.
const ADDRESS = /^[\d.]+$|:/; // a passkey belongs to a host's name, never to its number

for (const form of document.querySelectorAll("form[data-passkey]")) offer(form);

function offer(form) {
  const button = form.querySelector("[data-ask]");
  const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  if (!able || ADDRESS.test(location.hostname)) {
    const unable = form.querySelector("[data-unable]"); // none where there is another way
    if (unable) unable.hidden = false;
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => send(form, button));
}

async function send(form, button) {
  const failed = form.querySelector("[data-failed]");
  failed.hidden = button.disabled = true;
  try {
    form.elements.credential.value = JSON.stringify(await asked(form));
    form.submit();
  } catch {
    failed.hidden = false; // also when somebody closed the browser's window
    button.disabled = false;
  }
}

async function asked(form) {
  const { publicKey } = await options(form);
  if (form.dataset.passkey === "get") {
    const parsed = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
    return navigator.credentials.get({ publicKey: parsed });
  }
  if (form.elements.passwordless.checked) {
    // It has to know whose it is, and who holds it.
    publicKey.authenticatorSelection.residentKey = "required";
    publicKey.authenticatorSelection.requireResidentKey = true;
    publicKey.authenticatorSelection.userVerification = "required";
  }
  const parsed = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  return navigator.credentials.create({ publicKey: parsed });
}

async function options({ dataset, action }) {
  if (dataset.options) return JSON.parse(document.getElementById(dataset.options).textContent);
  const answer = await fetch(action, { headers: { Accept: "application/json" } });
  return (await answer.json()).request_options;
}
