// "/" leads to the box, the arrows go through what was found, Enter opens it.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("kenpo-search");
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (!box || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    box.focus();
    box.select();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (typing && event.target !== box) return;
  const stops = [box, ...document.querySelectorAll(".kenpo-hit")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});
