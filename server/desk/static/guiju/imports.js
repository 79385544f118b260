// Data imports: a file dropped on the form, and fields dragged onto columns; how far the work is shows `progress.js`. Without this script the pages do the same by select boxes and reloading.

// Upload

const upload = document.querySelector("[data-import-new]");
if (upload) {
  const box = upload.querySelector(".import-file");
  const file = box.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("is-over"); });
  }
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) file.files = event.dataTransfer.files;
  });
  upload.addEventListener("submit", () => { upload.querySelector("button.primary").disabled = true; });
  const template = upload.querySelector("[data-template]");
  upload.querySelector("[data-doctype]").addEventListener("change", (event) => {
    if (template) template.href = `/data-import/template/${encodeURIComponent(event.target.value)}`;
  });
}

// Columns

const columns = document.querySelector("[data-columns]");
if (columns) {
  const selects = [...columns.querySelectorAll("select[name=column]")];
  const chips = [...columns.querySelectorAll("[data-field]")];
  const show = () => {
    const used = new Set(selects.map((select) => select.value));
    for (const chip of chips) chip.classList.toggle("is-used", used.has(chip.dataset.field));
    for (const select of selects) select.classList.toggle("is-unmapped", !select.value);
  };
  const choose = (select, key) => {
    for (const other of selects) if (other !== select && other.value === key) other.value = "";
    select.value = key;
    show();
  };
  for (const select of selects) select.addEventListener("change", () => choose(select, select.value));
  for (const chip of chips) {
    chip.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", chip.dataset.field);
      event.dataTransfer.effectAllowed = "copy";
    });
  }
  for (const row of columns.querySelectorAll("[data-drop]")) {
    row.addEventListener("dragover", (event) => { event.preventDefault(); row.classList.add("is-over"); });
    row.addEventListener("dragleave", () => row.classList.remove("is-over"));
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      row.classList.remove("is-over");
      const key = event.dataTransfer.getData("text/plain");
      if (chips.some((chip) => chip.dataset.field === key)) choose(row.querySelector("select"), key);
    });
  }
  show();
}
