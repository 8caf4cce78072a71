// How two answers stand, as the visitor chooses and this browser keeps: on a phone one at a time, a
// swipe or a tap apart, or one below the other; on a desk in the page, or in step, each with a scroll
// bar of its own. Nothing here scrolls the page but a change of sides, which goes to where the other
// was left.
import { choices } from "./kept.js";

const PHONE = matchMedia("(max-width: 46rem)");
const NEAR_PX = 48; // browsers move what they focus a little below the window's edge

export function offerViews(battle, whenComplete) {
  const all = [...battle.querySelectorAll(".turn .panes")];
  const places = new Map(); // of a group of panes: how far each side was read

  function show(side, panes) {
    if (panes.dataset.shown === side) return;
    leave(panes, places);
    for (const each of all) {
      each.dataset.shown = side;
      each.scrollLeft = paneOf(each, side).offsetLeft - each.offsetLeft;
    }
    mark(battle, side);
    arrive(panes, side, places);
  }

  for (const panes of all) {
    const views = panes.closest(".turn").querySelector("[data-views]");
    views.addEventListener("click", ({ target }) => {
      const side = target.closest("[data-show]")?.dataset.show;
      if (!side) return;
      if (panes.dataset.view === "stacked") paneOf(panes, side).scrollIntoView();
      else show(side, panes);
    });
    afterScroll(panes, () => {
      if (isPaged(panes)) show(sideAt(panes), panes);
    });
    keepInStep(panes);
  }

  const inputs = [...battle.querySelectorAll("[data-choice]")];
  const apply = () => {
    for (const input of inputs) input.checked = choices.get(input.dataset.choice) ?? false;
    for (const panes of all) arrange(panes);
    mark(battle, all[0].dataset.view === "stacked" ? "" : all[0].dataset.shown);
  };
  for (const input of inputs) {
    input.addEventListener("change", () => {
      choices.set(input.dataset.choice, input.checked);
      apply();
    });
  }
  PHONE.addEventListener("change", apply);
  apply();

  const marks = battle.querySelectorAll("[data-streaming] [data-mark][hidden]");
  whenComplete(() => {
    for (const mark of marks) mark.hidden = false;
    all.forEach(settle);
  });
}

function mark(battle, side) {
  for (const button of battle.querySelectorAll("[data-show]")) {
    button.ariaCurrent = button.dataset.show === side ? "true" : null;
  }
}

function arrange(panes) {
  const wish = PHONE.matches ? "stacked" : "in-step";
  if (choices.get(wish)) panes.dataset.view = wish;
  else delete panes.dataset.view;
  // What scrolls can be scrolled by keys.
  reachable(panes, isPaged(panes));
  for (const pane of panes.children) reachable(pane, panes.dataset.view === "in-step");
}

function reachable(part, is) {
  if (is) part.tabIndex = 0;
  else part.removeAttribute("tabindex");
}

function isPaged(panes) {
  return PHONE.matches && panes.dataset.view !== "stacked";
}

function paneOf(panes, side) {
  return panes.querySelector(`.pane[data-side="${side}"]`);
}

function sideAt(panes) {
  return panes.scrollLeft > panes.clientWidth / 2 ? "B" : "A";
}

function afterScroll(panes, act) {
  if ("onscrollend" in window) return panes.addEventListener("scrollend", act);
  let still;
  panes.addEventListener("scroll", () => {
    clearTimeout(still);
    still = setTimeout(act, 80);
  });
}

// While the row with the sides sticks to the window, or nearly, the reader is among the answers: so far down.
function depth(panes) {
  const row = panes.closest(".turn").querySelector("[data-views]").getBoundingClientRect();
  return row.top > NEAR_PX ? null : row.bottom - panes.getBoundingClientRect().top;
}

function leave(panes, places) {
  const read = depth(panes);
  places.set(panes, read === null ? {} : { ...places.get(panes), [panes.dataset.shown]: read });
}

function arrive(panes, side, places) {
  const read = depth(panes);
  const goal = places.get(panes)[side] ?? 0;
  if (read !== null) scrollBy({ top: goal - read, behavior: "instant" });
}

// In step: both begin and end together, however long they are.
function keepInStep(panes) {
  let leader; // whoever is scrolled by the reader leads
  for (const pane of panes.children) {
    pane.addEventListener("scroll", () => {
      if (panes.dataset.view !== "in-step") return;
      if (leader && leader !== pane) return (leader = null);
      const other = [...panes.children].find((each) => each !== pane);
      const before = other.scrollTop;
      const part = pane.scrollTop / Math.max(1, pane.scrollHeight - pane.clientHeight);
      other.scrollTop = part * (other.scrollHeight - other.clientHeight);
      leader = other.scrollTop === before ? null : pane;
    });
  }
}

// Whole answers: the shorter stays in sight, for which CSS needs to know how high it is.
function settle(panes) {
  const observer = new ResizeObserver((sizes) => {
    for (const { target } of sizes) target.style.setProperty("--height", `${target.offsetHeight}px`);
  });
  for (const held of panes.querySelectorAll(".held")) observer.observe(held);
  panes.dataset.settled = "";
}
