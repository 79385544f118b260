// Files dropped onto the form: on an attachment field into it, anywhere else beside the record.
export function setUpDrop(form, attach) {
  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  const fieldUnder = (event) => event.target.closest?.("[data-attachment], .field:has(> [data-attachment])");
  let marked = null;
  const mark = (element) => {
    marked?.classList.remove("is-dropping");
    marked = element;
    marked?.classList.add("is-dropping");
  };
  document.addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    mark(fieldUnder(event) || document.getElementById("together"));
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault(); // never leaves the form for the file
    const field = fieldUnder(event);
    mark(null);
    const files = [...event.dataTransfer.files];
    if (!files.length) return;
    const box = field?.matches("[data-attachment]") ? field : field?.querySelector("[data-attachment]");
    if (box) box.dispatchEvent(new CustomEvent("dropped-file", { detail: files[0] }));
    else attach(files);
  });
}
