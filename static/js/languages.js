// The languages that code is coloured in: the names that fences give each (the first is the
// library's), its grammar, and which may stand within it. A grammar comes when a fence names it.

export const LANGUAGES = [
  ["bash sh zsh", () => import("../vendor/highlight/languages/bash.min.js")],
  ["c h", () => import("../vendor/highlight/languages/c.min.js")],
  ["clojure clj edn", () => import("../vendor/highlight/languages/clojure.min.js")],
  ["cmake cmake.in", () => import("../vendor/highlight/languages/cmake.min.js")],
  ["cpp cc c++ h++ hpp hh hxx cxx", () => import("../vendor/highlight/languages/cpp.min.js")],
  ["csharp cs c#", () => import("../vendor/highlight/languages/csharp.min.js")],
  ["css", () => import("../vendor/highlight/languages/css.min.js")],
  ["dart", () => import("../vendor/highlight/languages/dart.min.js")],
  ["diff patch", () => import("../vendor/highlight/languages/diff.min.js")],
  ["dockerfile docker", () => import("../vendor/highlight/languages/dockerfile.min.js"), "bash"],
  ["elixir ex exs", () => import("../vendor/highlight/languages/elixir.min.js")],
  ["erlang erl", () => import("../vendor/highlight/languages/erlang.min.js")],
  ["fortran f90 f95", () => import("../vendor/highlight/languages/fortran.min.js")],
  ["fsharp fs f#", () => import("../vendor/highlight/languages/fsharp.min.js")],
  ["go golang", () => import("../vendor/highlight/languages/go.min.js")],
  ["graphql gql", () => import("../vendor/highlight/languages/graphql.min.js")],
  ["groovy", () => import("../vendor/highlight/languages/groovy.min.js")],
  ["haskell hs", () => import("../vendor/highlight/languages/haskell.min.js")],
  ["http https", () => import("../vendor/highlight/languages/http.min.js")],
  ["ini toml", () => import("../vendor/highlight/languages/ini.min.js")],
  ["java jsp", () => import("../vendor/highlight/languages/java.min.js")],
  ["javascript js jsx mjs cjs", () => import("../vendor/highlight/languages/javascript.min.js"), "xml"],
  ["json jsonc json5", () => import("../vendor/highlight/languages/json.min.js")],
  ["julia", () => import("../vendor/highlight/languages/julia.min.js")],
  ["kotlin kt kts ktm ktx", () => import("../vendor/highlight/languages/kotlin.min.js")],
  ["latex tex", () => import("../vendor/highlight/languages/latex.min.js")],
  ["less", () => import("../vendor/highlight/languages/less.min.js")],
  ["lisp", () => import("../vendor/highlight/languages/lisp.min.js")],
  ["lua pluto", () => import("../vendor/highlight/languages/lua.min.js")],
  ["makefile mk mak make", () => import("../vendor/highlight/languages/makefile.min.js")],
  ["markdown md mkdown mkd", () => import("../vendor/highlight/languages/markdown.min.js"), "xml"],
  ["matlab", () => import("../vendor/highlight/languages/matlab.min.js")],
  ["nginx nginxconf", () => import("../vendor/highlight/languages/nginx.min.js")],
  ["objectivec mm objc obj-c obj-c++ objective-c++", () => import("../vendor/highlight/languages/objectivec.min.js")],
  ["ocaml ml", () => import("../vendor/highlight/languages/ocaml.min.js")],
  ["perl pl pm", () => import("../vendor/highlight/languages/perl.min.js")],
  ["php-template", () => import("../vendor/highlight/languages/php-template.min.js"), "xml php"],
  ["php", () => import("../vendor/highlight/languages/php.min.js")],
  ["powershell pwsh ps ps1", () => import("../vendor/highlight/languages/powershell.min.js")],
  ["properties", () => import("../vendor/highlight/languages/properties.min.js")],
  ["protobuf proto", () => import("../vendor/highlight/languages/protobuf.min.js")],
  ["python-repl pycon", () => import("../vendor/highlight/languages/python-repl.min.js"), "python"],
  ["python py gyp ipython python3", () => import("../vendor/highlight/languages/python.min.js")],
  ["r", () => import("../vendor/highlight/languages/r.min.js")],
  ["ruby rb gemspec podspec thor irb", () => import("../vendor/highlight/languages/ruby.min.js")],
  ["rust rs", () => import("../vendor/highlight/languages/rust.min.js")],
  ["scala", () => import("../vendor/highlight/languages/scala.min.js")],
  ["scss", () => import("../vendor/highlight/languages/scss.min.js")],
  ["shell console shellsession", () => import("../vendor/highlight/languages/shell.min.js"), "bash"],
  ["sql mysql sqlite postgresql postgres", () => import("../vendor/highlight/languages/sql.min.js")],
  ["swift", () => import("../vendor/highlight/languages/swift.min.js")],
  ["typescript ts tsx mts cts", () => import("../vendor/highlight/languages/typescript.min.js"), "xml"],
  ["vbnet vb", () => import("../vendor/highlight/languages/vbnet.min.js")],
  ["wasm", () => import("../vendor/highlight/languages/wasm.min.js")],
  ["xml html xhtml rss atom xjb xsd xsl plist wsf svg", () => import("../vendor/highlight/languages/xml.min.js"), "css javascript"],
  ["yaml yml", () => import("../vendor/highlight/languages/yaml.min.js")],
];

const byName = new Map(LANGUAGES.flatMap((each) => each[0].split(" ").map((name) => [name, each])));

// What it takes to colour a language: each grammar with the library's name and all names of its
// language. Nothing, if it is not listed.
export function grammarsOf(name) {
  const own = byName.get(name.toLowerCase());
  if (!own) return [];
  const within = own[2]?.split(" ").map((other) => byName.get(other)) ?? [];
  return Promise.all([own, ...within].map(grammar));
}

async function grammar([listed, load]) {
  const [name, ...others] = listed.split(" ");
  return [name, others, (await load()).default];
}
