// Colours one piece of code at a time. It is told first where its library is.
addEventListener("message", ({ data: { library, text, language } }) => {
  if (library) importScripts(library);
  const known = !library && hljs.getLanguage(language);
  const html = known ? hljs.highlight(text, { language, ignoreIllegals: true }).value : "";
  postMessage({ html });
});
