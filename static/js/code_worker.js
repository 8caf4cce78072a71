// Colours one piece of code at a time: it is told the language first, and fetches what that takes.

import hljs from "../vendor/highlight/core.min.js";
import { grammarsOf } from "./languages.js";

addEventListener("message", async ({ data: { language, text } }) => {
  if (text === undefined) postMessage({ isKnown: await learn(language).catch(() => false) });
  else postMessage({ html: hljs.highlight(text, { language, ignoreIllegals: true }).value });
});

async function learn(language) {
  const grammars = await grammarsOf(language);
  for (const [name, names, grammar] of grammars) {
    if (hljs.getLanguage(name)) continue;
    hljs.registerLanguage(name, grammar);
    hljs.registerAliases(names, { languageName: name });
  }
  return grammars.length > 0;
}
