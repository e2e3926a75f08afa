// Asks before a half-filled form is left. Browsers show their own words for it.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = form.querySelector("[aria-invalid=true]") !== null;
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

// After a refused form, the first thing to read is what was wrong with it.
document.getElementById("problems")?.focus();
