// The conversation: what its buttons do, what is told to a screen reader, and the choice of
// language for the pages beside it. Texts to copy and to say are in the page, hidden.
(() => {
  "use strict";
  const TOLD_MS = 2000; // a button says for so long that its text was copied

  const box = () => document.querySelector("#question textarea");
  const said = (key) => document.getElementById(`say-${key}`)?.textContent ?? "";
  const shown = (id) => Boolean(document.getElementById(id)?.offsetParent);

  function put(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true })); // for Gradio to know
  }

  function setDeed(name) {
    const field = document.querySelector("#deed :is(textarea, input)");
    if (field) put(field, name);
  }

  // Gradio takes over what was put into a field in the task after this one.
  const soon = (act) => setTimeout(act, 0);

  function ask(text) {
    if (shown("stop")) return;
    leaveEditing();
    put(box(), text);
    soon(() => document.getElementById("ask")?.click());
  }

  function redo(name) {
    if (shown("stop")) return;
    leaveEditing();
    setDeed(name);
    tell(said("asked-again"));
    soon(() => document.getElementById("redo")?.click());
  }

  function edit() {
    const questions = document.querySelectorAll("#chat .question");
    const last = questions[questions.length - 1];
    if (!last || shown("stop")) return;
    const lines = [...last.querySelectorAll("p")].map((line) => line.textContent);
    put(box(), lines.join("\n"));
    setDeed("edit");
    document.body.classList.add("is-editing");
    box().focus();
    box().setSelectionRange(box().value.length, box().value.length);
  }

  function leaveEditing() {
    if (!document.body.classList.contains("is-editing")) return false;
    document.body.classList.remove("is-editing");
    setDeed("");
    put(box(), "");
    return true;
  }

  // Without the clipboard of the browser (plain http on another host), the old way.
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "unseen";
      const focused = document.activeElement;
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      focused?.focus({ preventScroll: true });
      return done;
    }
  }

  async function copy(button) {
    const text = button.parentElement.querySelector(".copied-text")?.textContent ?? "";
    const told = said((await copied(text)) ? "copied" : "uncopied");
    const label = button.textContent;
    tell(told);
    if (button.disabled) return;
    button.textContent = told;
    button.classList.add("told");
    setTimeout(() => {
      button.textContent = label;
      button.classList.remove("told");
    }, TOLD_MS);
  }

  function onClick(event) {
    const target = event.target;
    if (target.closest?.("a.skip")) {
      event.preventDefault();
      event.stopPropagation();
      box()?.focus();
      return;
    }
    for (const menu of document.querySelectorAll("#chat .copy-menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
    if (target.closest?.("#clear")) leaveEditing();
    const button = target.closest?.("button[class^='do-']");
    if (!button || button.classList.contains("told")) return;
    if (button.classList.contains("do-copy")) copy(button);
    else if (button.classList.contains("do-ask")) ask(button.textContent);
    else if (button.classList.contains("do-edit")) edit();
    else if (button.classList.contains("do-keep")) leaveEditing() && box().focus();
    else if (button.classList.contains("do-retry")) redo("retry");
    else if (button.classList.contains("do-alone")) redo("alone");
  }

  function onKey(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    const menu = event.target.closest?.(".copy-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.target === box()) leaveEditing();
  }

  // One polite region tells the whole answer once; Gradio's own would tell each growing part.
  const voice = document.createElement("div");
  voice.id = "voice";
  voice.className = "unseen";
  voice.setAttribute("role", "status");
  voice.setAttribute("aria-live", "polite");

  function tell(text) {
    voice.textContent = "";
    requestAnimationFrame(() => { voice.textContent = text; });
  }

  let busy = false;
  function watch() {
    const chat = document.getElementById("chat");
    if (!chat) return;
    for (const region of chat.querySelectorAll("[aria-live]:not([aria-live='off'])")) {
      region.setAttribute("aria-live", "off");
    }
    if (shown("stop") === busy) return;
    busy = !busy;
    chat.setAttribute("aria-busy", String(busy));
    if (busy) {
      document.body.classList.remove("is-editing"); // it was sent
      return;
    }
    const rows = chat.querySelectorAll(".bot-row");
    const parts = rows[rows.length - 1]?.querySelectorAll(
      ".verdict:not(.failed *), .said, .notice, .failed");
    tell([...(parts ?? [])].map((part) => part.textContent).join(" "));
  }

  // The pages beside the chat are drawn by the server, which reads the choice from a cookie.
  function onChange(event) {
    const language = event.target.closest?.("#language") && event.target.value;
    if (language) {
      const kept = `wenbao-language=${encodeURIComponent(language)}`;
      document.cookie = `${kept}; path=/; max-age=31536000; samesite=lax`;
    }
  }

  document.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", onChange, true);
  let queued = false;
  function onMutation() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      watch();
    });
  }
  const start = () => {
    document.body.append(voice);
    new MutationObserver(onMutation).observe(document.body, { childList: true, subtree: true });
    watch();
  };
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
