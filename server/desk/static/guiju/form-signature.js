// Signatures drawn by hand: a pad in a dialog; the drawing is kept with the signer's name and the time.

export function setUpSignatures(form) {
  for (const box of form.element.querySelectorAll("[data-signature]")) {
    const input = box.querySelector("input");
    box.querySelector("[data-sign]")?.addEventListener("click", () => openPad(form, (drawn) => {
      form.set(input.name, drawn);
      form.changed();
    }));
  }
}

export function showSignature(form, field, drawn) {
  const box = field.querySelector("[data-signature]");
  box.querySelector("input").value = drawn ? JSON.stringify(drawn) : "";
  box.querySelector(".signature-shown").hidden = !drawn;
  const button = box.querySelector("[data-sign]");
  if (button) button.textContent = form.texts[drawn ? "sign_again" : "sign"];
  if (!drawn) return;
  box.querySelector("img").src = drawn.image;
  box.querySelector("[data-signer]").textContent = drawn.name;
}

export function openPad(form, done) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog sign-dialog";
  dialog.innerHTML = `<h2 id="sign-title"></h2><label class="field"><span></span><input type="text" maxlength="140" autocomplete="off" data-name></label>
    <canvas width="560" height="200"></canvas><p class="field-error" role="alert" hidden></p>
    <div class="dialog-actions"><button type="button" class="button quiet" data-clear></button><button type="button" class="button" data-close></button><button type="button" class="button primary" data-done></button></div>`;
  dialog.setAttribute("aria-labelledby", "sign-title");
  const find = (query) => dialog.querySelector(query);
  find("h2").textContent = form.texts.sign_here;
  find("label span").textContent = form.texts.signer;
  find("[data-clear]").textContent = form.texts.sign_clear;
  find("[data-close]").textContent = form.texts.close;
  find("[data-done]").textContent = form.texts.sign_done;
  const canvas = find("canvas");
  canvas.setAttribute("aria-label", form.texts.sign_here);
  document.body.append(dialog);
  dialog.showModal();
  // A stroke is no gesture: left to the browser, a quick one becomes a fling and swallows the next tap on the buttons.
  canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  const pad = new window.SignaturePad(canvas, { penColor: "#12233f", minWidth: 0.8, maxWidth: 2.6 });
  fit(canvas, pad);
  find("[data-clear]").addEventListener("click", () => pad.clear());
  find("[data-close]").addEventListener("click", () => dialog.close());
  find("[data-done]").addEventListener("click", () => {
    const name = find("[data-name]").value.trim();
    const error = find(".field-error");
    error.hidden = !(pad.isEmpty() || !name);
    error.textContent = pad.isEmpty() ? form.texts.sign_missing : form.texts.sign_name_missing;
    if (!pad.isEmpty() && !name) find("[data-name]").focus();
    if (!error.hidden) return;
    done({ image: pad.toDataURL("image/png"), name, at: new Date().toISOString() });
    dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
}

// The canvas has as many pixels as it shows, so that the pen draws where the finger is.
function fit(canvas, pad) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = canvas.offsetWidth * ratio;
  canvas.height = canvas.offsetHeight * ratio;
  canvas.getContext("2d").scale(ratio, ratio);
  pad.clear();
}
