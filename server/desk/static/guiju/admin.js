// The admin UI: its language, which Flask-Admin's page does not say, and forms that destroy something ask first.
document.documentElement.lang = document.currentScript.dataset.lang;
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
