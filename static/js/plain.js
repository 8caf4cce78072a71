// Code of others that writes HTML without a policy of Trusted Types: on a page that loads this, what
// it writes stays text. Imported before that code.
globalThis.trustedTypes?.createPolicy("default", {
  createHTML: (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
});
