// In place of a page that could not be had: with a network it is the server that does not answer, as while it is started anew. Then the
// page says so and asks again by itself.
const AGAIN_MS = 4000;

if (navigator.onLine) {
  for (const part of document.querySelectorAll("[data-network]")) part.hidden = part.dataset.network === "none";
  document.title = document.querySelector("[data-network=there] h1").textContent;
  setTimeout(() => window.location.reload(), AGAIN_MS);
}
