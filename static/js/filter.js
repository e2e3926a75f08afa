// Narrows a list as one types. Without it the form asks the server, which finds the same rows.
//
// <form class="filters" data-filter="#services"> … <input type="search"> … <span role="status" data-one="1 service" data-many="{n} services"></span></form>
//
// Rows are the tbody rows (or li) of that element; a group's heading goes when all its rows have gone.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("œ", "oe").toLowerCase();

const watch = (form) => {
  const list = document.querySelector(form.dataset.filter);
  const field = form.querySelector("input[type=search]");
  const status = form.querySelector("[role=status]");
  if (!list || !field) return;

  const rows = [...list.querySelectorAll("tbody tr:not(.group), :scope > li")];
  const texts = rows.map((row) => plain(row.textContent));

  const narrow = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    for (const heading of list.querySelectorAll("tr.group")) {
      heading.hidden = !heading.parentElement.querySelector("tr:not(.group, [hidden])");
    }
    if (status) {
      const phrase = shown === 1 ? status.dataset.one : status.dataset.many;
      status.textContent = words.length ? (phrase ?? "{n}").replace("{n}", shown) : "";
    }
  };

  field.addEventListener("input", narrow);
  if (field.value) narrow();
};

document.querySelectorAll("[data-filter]").forEach(watch);
