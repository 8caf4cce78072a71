// Django's boxes to choose from, made as the page loads: their magnifying glass has a name, which
// only a picture may have.
addEventListener("load", () => {
  for (const glass of document.querySelectorAll(".selector [aria-label].help-tooltip")) {
    glass.setAttribute("role", "img");
  }
});
