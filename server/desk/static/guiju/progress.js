// How far work in the background is; when it ends the page is read again. Without this script the page reloads by itself.

const POLL_MILLISECONDS = 800;

const progress = document.querySelector("[data-progress]");
if (progress) {
  const bar = progress.querySelector("progress");
  const percent = progress.querySelector("[data-percent]");
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const told = await answer.json();
        if (!told.active) { location.reload(); return; }
        bar.value = told.percent;
        percent.textContent = `${told.percent} %`;
      }
    } catch { /* the network is away: looked at again */ }
    setTimeout(look, POLL_MILLISECONDS);
  };
  setTimeout(look, POLL_MILLISECONDS);
}
