// Whether single letters are keys in this browser: a reader may turn them off (WCAG 2.1.4).
const OFF = "guiju-single-keys-off";

export const areSingleKeysOn = () => !localStorage.getItem(OFF);
export const turnSingleKeys = (on) => (on ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
