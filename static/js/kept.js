// What a browser keeps for its visitor: choices for good, drafts for as long as the tab is open. Where
// storage is blocked or full, nothing is kept and nothing else breaks.
export const choices = keeper("localStorage");
export const drafts = keeper("sessionStorage");

function keeper(storage) {
  const guarded = (act) => {
    try {
      return act(window[storage]);
    } catch {
      return null;
    }
  };
  return {
    get: (key) => JSON.parse(guarded((kept) => kept.getItem(key)) ?? "null"),
    set: (key, value) => guarded((kept) => kept.setItem(key, JSON.stringify(value))),
    remove: (key) => guarded((kept) => kept.removeItem(key)),
  };
}
