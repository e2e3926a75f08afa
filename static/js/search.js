// "/" puts the cursor in the search field, as the hint in it says; Escape gives the page back.
const field = document.querySelector("[data-search]");

const typing = (element) => element instanceof Element && element.closest("input, textarea, select, [contenteditable]");

if (field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") field.blur();
  });
}
