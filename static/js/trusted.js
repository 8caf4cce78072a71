// The only place where text becomes HTML, or the address of a worker: our Content Security Policy has
// browsers refuse it everywhere else. The HTML is the server's, which has escaped what people wrote.

const rules = {
  createHTML: (html) => html,
  createScriptURL(url) {
    if (new URL(url, document.baseURI).origin === location.origin) return url;
    throw new TypeError("Workers come from this site only.");
  },
};
const policy = globalThis.trustedTypes?.createPolicy("evenhand", rules) ?? rules;

export const htmlOf = (text) => policy.createHTML(text);

export const pageOf = (text) => new DOMParser().parseFromString(htmlOf(text), "text/html");

export const workerAt = (url, options) => new Worker(policy.createScriptURL(url), options);
