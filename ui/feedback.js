// Sends what a reader thinks of an answer. The answer travels with its buttons; what was said
// is kept in this page, so that an answer which is drawn again shows it again.
(() => {
  "use strict";
  const given = new Map(); // the answer as sent → {verdict, said}
  document.documentElement.classList.add("feedback-on");

  const unseen = (box, name) => box.querySelector(`.feedback-${name}`)?.textContent ?? "";

  // Gradio strips what assistive technology needs: it is put back here.
  function label(box) {
    for (const button of box.querySelectorAll(".feedback-up, .feedback-down, .feedback-reason")) {
      button.setAttribute("aria-pressed", "false");
    }
    box.querySelector(".feedback-down").setAttribute("aria-expanded", "false");
    const note = box.querySelector(".feedback-note");
    note.setAttribute("aria-label", note.placeholder);
  }

  function draw(box) {
    if (!box.querySelector(".feedback-up").hasAttribute("aria-pressed")) label(box);
    const state = given.get(unseen(box, "sent"));
    if (!state) return;
    for (const verdict of ["up", "down"]) {
      box.querySelector(`.feedback-${verdict}`).setAttribute("aria-pressed", state.verdict === verdict);
    }
    const said = box.querySelector(".feedback-said");
    const text = unseen(box, state.said);
    if (said.textContent !== text) said.textContent = text;
  }

  function open(box, shown) {
    box.querySelector(".feedback-why").hidden = !shown;
    box.querySelector(".feedback-down").setAttribute("aria-expanded", shown);
  }

  async function send(box, verdict, reason = "", note = "") {
    const sent = unseen(box, "sent");
    let said = "failed";
    try {
      const answer = JSON.parse(sent);
      const reply = await fetch("feedback", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ verdict, reason, note, answer }),
      });
      if (reply.ok) said = "thanks";
    } catch { /* no connection: said below */ }
    given.set(sent, { verdict: said === "thanks" ? verdict : "", said });
    const drawn = document.getElementById(box.id) ?? box;
    if (said === "thanks") open(drawn, false);
    draw(drawn);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".feedback button");
    if (!button) return;
    const box = button.closest(".feedback");
    const why = box.querySelector(".feedback-why");
    if (button.classList.contains("feedback-up")) {
      open(box, false);
      send(box, "up");
    } else if (button.classList.contains("feedback-down")) {
      open(box, why.hidden);
      if (!why.hidden) why.querySelector("button").focus();
    } else if (button.classList.contains("feedback-reason")) {
      for (const other of why.querySelectorAll(".feedback-reason")) {
        other.setAttribute("aria-pressed", other === button);
      }
    } else {
      const chosen = why.querySelector(".feedback-reason[aria-pressed='true']")?.classList[1];
      send(box, "down", chosen?.replaceAll("-", " ") ?? "other", why.querySelector(".feedback-note").value.trim());
    }
  });

  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".feedback");
    if (!box || event.isComposing) return; // the key is for the candidates of the input method
    if (event.key === "Escape" && !box.querySelector(".feedback-why").hidden) {
      open(box, false);
      box.querySelector(".feedback-down").focus();
    } else if (event.key === "Enter" && event.target.matches(".feedback-note")) {
      event.preventDefault();
      box.querySelector(".feedback-send").click();
    }
  });

  let queued = false;
  new MutationObserver(() => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      for (const box of document.querySelectorAll(".feedback")) draw(box);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
