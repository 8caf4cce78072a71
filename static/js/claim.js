/* A link carries the code behind "#", which no browser sends to a server. It goes into the field, and
   out of the address and the history. */
const field = document.querySelector("[data-code]");

if (location.hash) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
