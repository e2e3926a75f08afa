// Says on the button how many rows are ticked, and ticks a row when somebody chooses what it is.
//
// <form data-ticks> … <li><input type="checkbox"> <select>…</select></li> … <button data-one="…" data-many="… {n} …"></button></form>

for (const form of document.querySelectorAll("form[data-ticks]")) {
  const button = form.querySelector("button[data-many]");
  if (!button) continue;
  const plain = button.textContent;

  const count = () => {
    const ticked = form.querySelectorAll("input[type=checkbox]:checked").length;
    const phrase = ticked === 0 ? plain : ticked === 1 ? button.dataset.one : button.dataset.many;
    button.textContent = phrase.replace("{n}", ticked);
  };

  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) {
      const tick = event.target.closest("li")?.querySelector("input[type=checkbox]");
      if (tick) tick.checked = event.target.value !== "";
    }
    count();
  });
  addEventListener("pageshow", count); // a browser that goes back restores the ticks after the page has loaded
  count();
}
