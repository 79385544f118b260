// Parts of the form appear and go; what somebody is looking at stays where it is on the screen.
export function still(change) {
  const at = document.activeElement;
  const before = at?.closest("#record") ? at.getBoundingClientRect().top : null;
  change();
  if (before === null || !at.isConnected || document.activeElement !== at) return;
  const moved = at.getBoundingClientRect().top - before;
  if (moved) window.scrollBy({ top: moved, behavior: "instant" });
}
