// Adds the button that puts a notice away; its label is the notice's data-dismiss. Never by a timer: reading takes
// the time it takes.
for (const notice of document.querySelectorAll("[data-dismiss]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.textContent = notice.dataset.dismiss;
  button.addEventListener("click", () => {
    notice.remove();
    document.getElementById("main")?.focus();
  });
  notice.append(button);
}
