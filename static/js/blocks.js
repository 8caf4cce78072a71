// A block of an answer that grows. The browser lays out anew whatever text a word is added to: a long
// piece of code is therefore kept in chunks of some lines, of which only the last one changes.
import { htmlOf } from "./trusted.js";

const CHUNK = 600; // characters
const CODE_ENDS = /(\n?)<\/code><\/pre>\s*$/;

// Of each block its HTML as the server wrote it, and how long that is as the server counts: an emoji
// is one character.
const sources = new WeakMap();

export function create(html) {
  const block = document.createElement("div");
  block.className = "block";
  write(block, html);
  return block;
}

// Keep what it begins with, so many characters, and put `rest` behind that.
export function grow(block, from, rest) {
  const { source, length } = sources.get(block);
  const begun = withoutLast(source, length - from);
  const [, oldEnd] = source.slice(begun.length).match(new RegExp(`^${CODE_ENDS.source}`)) ?? [];
  const newEnd = rest.search(CODE_ENDS);
  if (oldEnd === undefined || newEnd < 0 || rest.slice(0, newEnd).includes("<")) {
    return write(block, begun + rest, from + count(rest));
  }
  sources.set(block, { source: begun + rest, length: from + count(rest) });
  extend(block.querySelector("pre > code"), oldEnd.length, rest.replace(CODE_ENDS, "$1"));
}

// What is complete needs no chunks.
export function finish(block) {
  for (const code of block.querySelectorAll("code:has(> .chunk)")) {
    code.textContent = code.textContent;
  }
}

function write(block, html, length = count(html)) {
  sources.set(block, { source: html, length });
  block.innerHTML = htmlOf(html);
}

function count(text) {
  return [...text].length;
}

function withoutLast(text, characters) {
  const end = text.slice(Math.max(0, text.length - 2 * characters)); // at least so many
  const left = [...end].slice(0, -characters || undefined).join("");
  return text.slice(0, text.length - end.length) + left;
}

function extend(code, dropped, html) {
  let chunk = code.querySelector(":scope > .chunk:last-child");
  if (!chunk) {
    chunk = chunked(code.textContent);
    code.replaceChildren(chunk);
  }
  let text = chunk.textContent;
  text = text.slice(0, text.length - dropped) + textOf(html);
  for (let end = endOf(text); end && end < text.length; end = endOf(text)) {
    chunk.textContent = text.slice(0, end);
    text = text.slice(end);
    chunk = chunked("");
    code.append(chunk);
  }
  chunk.textContent = text;
}

// Where a chunk ends: behind a line.
function endOf(text) {
  return text.length > CHUNK ? text.indexOf("\n", CHUNK) + 1 : 0;
}

function chunked(text) {
  const chunk = document.createElement("span");
  chunk.className = "chunk";
  chunk.textContent = text;
  return chunk;
}

function textOf(html) {
  const template = document.createElement("template");
  template.innerHTML = htmlOf(html);
  return template.content.textContent;
}
