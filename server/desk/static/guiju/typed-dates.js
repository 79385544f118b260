// Dates as the forms of records take them, on pages that are none.
import { setUpDates } from "./form-dates.js";

setUpDates({ texts: JSON.parse(document.getElementById("date-texts").textContent) });
