// Dates as the forms of records take them, on pages that are none. A form with what is no date is not sent: a filter that nobody can read
// would answer with everything, or nothing.
import { isNoDate, setUpDates } from "./form-dates.js";

setUpDates({ texts: JSON.parse(document.getElementById("date-texts").textContent) });
document.addEventListener("submit", (event) => {
  const wrong = [...event.target.elements].find(isNoDate);
  if (!wrong) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wrong.focus();
}, { capture: true });
