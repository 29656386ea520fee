// What the console does in the browser beyond htmx. Every page works without it.
"use strict";

// Copy buttons: <button data-copy="id of the input">
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]");
  try {
    await navigator.clipboard.writeText(source.value);
  } catch {
    // Without https there is no clipboard; what is marked can be copied by hand.
    source.focus();
    source.select();
    label.textContent = "Press Ctrl+C";
    return;
  }
  button.classList.add("done");
  label.textContent = "Copied";
  setTimeout(() => {
    button.classList.remove("done");
    label.textContent = "Copy";
  }, 2000);
});

// A click into a value to copy marks all of it.
document.addEventListener("focusin", (event) => {
  if (event.target.matches(".copy input")) event.target.select();
});

// A file's text goes into the field that could be pasted into.
for (const label of document.querySelectorAll("[data-file]")) label.hidden = false;
document.addEventListener("change", async (event) => {
  const input = event.target.closest("input[data-into]");
  if (!input || !input.files.length) return;
  document.getElementById(input.dataset.into).value = await input.files[0].text();
  input.value = "";
});

// A file can be dropped anywhere on the box that it can be chosen in.
for (const box of document.querySelectorAll("[data-drop]")) {
  const input = box.querySelector("input[type=file]");
  for (const hint of box.querySelectorAll("[data-drop-hint]")) hint.hidden = false;
  let inside = 0;
  const mark = (change) => box.classList.toggle("over", (inside = Math.max(0, inside + change)) > 0);
  box.addEventListener("dragenter", () => mark(1));
  box.addEventListener("dragleave", () => mark(-1));
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-inside);
    if (event.dataTransfer.files.length === 1) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

// "/" goes to the search field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("input[type=search]");
  if (field) {
    event.preventDefault();
    field.focus();
  }
});

// Instants are sent in UTC; the reader's own time stands in the tooltip.
function tellLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
}
tellLocalTimes(document);
document.addEventListener("htmx:after:swap", () => tellLocalTimes(document));
