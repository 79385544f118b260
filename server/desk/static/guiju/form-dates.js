// Date pickers with one format everywhere: a native date field shows the browser's own, not the page's.

export function setUpDates(form) {
  if (!window.flatpickr) return;
  for (const input of form.element.querySelectorAll("[data-picker]")) attachPicker(input);
}

export function attachPicker(input) {
  if (!window.flatpickr) return;
  const timed = input.dataset.picker === "datetime";
  window.flatpickr(input, {
    allowInput: true,
    disableMobile: true,
    enableTime: timed,
    time_24hr: true,
    minuteIncrement: 1,
    dateFormat: timed ? "Y-m-d H:i" : "Y-m-d",
    locale: document.documentElement.lang.startsWith("zh") && window.flatpickr.l10ns.zh ? "zh" : "default",
    onChange: () => input.dispatchEvent(new Event("input", { bubbles: true })),
  });
}
