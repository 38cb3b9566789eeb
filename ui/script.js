// Opens cited articles in the source panel. Every article of the conversation is already in
// the page, hidden; a link to its id shows it, so that a click asks the server nothing.
(() => {
  "use strict";
  const NARROW = "(max-width: 900px)"; // as in style.css
  let shown = null; // id of the section that the reader chose
  let from = null; // the link of the conversation that opened it
  let ready = false; // the question box has had its first focus
  let rendered = ""; // id of the panel's content: changes with each answer

  const panel = () => document.getElementById("panel");
  // reader.js draws the view of the article that was chosen before.
  const tellShown = (section) =>
    document.dispatchEvent(new CustomEvent("wenbao:shown", { detail: section }));

  // At once: another article is in its place, and a smooth way to it would only be slower.
  function scrollToQuote(section) {
    const box = panel();
    const quote = document.getElementById(`${section.id}-quote`)?.getBoundingClientRect();
    const above = box.getBoundingClientRect().top - box.scrollTop; // where the article begins
    const seen = !quote || quote.bottom - above < box.clientHeight - 24; // with the headline
    const top = seen ? 0 : quote.top - above - box.clientHeight / 3;
    box.scrollTo({ top });
  }

  function show(id) {
    const section = document.getElementById(id) || document.getElementById("src-missing");
    if (!section) return null;
    for (const other of document.querySelectorAll("#panel .source")) other.hidden = other !== section;
    for (const link of document.querySelectorAll("#chat a.cite, #chat a.lead")) {
      link.classList.toggle("current", link.getAttribute("href") === `#${section.id}`);
    }
    return section;
  }

  // To the link that opened the article, or to one that leads to the article that is open now.
  function goBack() {
    const href = `#${shown ?? ""}`;
    const same = from?.isConnected && from.getAttribute("href") === href;
    const link = same ? from : document.querySelector(`#chat a[href="${CSS.escape(href)}"]`);
    (link ?? document.getElementById("chat")).scrollIntoView({ block: "center" });
    link?.focus({ preventScroll: true });
  }

  function onClick(event) {
    const link = event.target.closest?.("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey) return;
    const id = link.getAttribute("href").slice(1);
    if (id === "chat") {
      event.preventDefault();
      goBack();
    } else if (/^(src|lead)-\d+-\d+$/.test(id)) {
      event.preventDefault();
      event.stopPropagation();
      const section = show(id);
      if (!section) return;
      shown = id;
      if (link.closest("#chat")) from = link;
      scrollToQuote(section);
      if (matchMedia(NARROW).matches) panel().scrollIntoView({ block: "start" });
      section.focus({ preventScroll: true });
      tellShown(section);
    }
  }

  // A new answer opens its first citation; a panel drawn again keeps the reader's choice. One in
  // the place of another keeps its number, but may lack what was chosen.
  function onPanel() {
    const content = panel()?.querySelector(".sources");
    if (!content) return;
    if (content.id !== rendered || !document.getElementById(shown)) {
      rendered = content.id;
      shown = content.querySelector(".source:not([hidden])")?.id ?? null;
    }
    const section = shown && show(shown);
    if (!section) return;
    scrollToQuote(section);
    tellShown(section);
  }

  // Gradio labels a message with its whole HTML source: its text is label enough.
  function onChat() {
    for (const message of document.querySelectorAll("#chat [data-testid][aria-label]")) {
      if (/^(bot|user)$/.test(message.dataset.testid)) message.removeAttribute("aria-label");
    }
    // It calls its examples a list, and has buttons in it that are no items.
    document.querySelector("#chat .examples[role='list']")?.removeAttribute("role");
    const question = document.querySelector("#question textarea");
    if (question && !ready) {
      ready = true;
      if (!matchMedia(NARROW).matches) question.focus({ preventScroll: true }); // no keyboard pops up
    }
    const language = document.querySelector("#masthead [lang]")?.lang;
    if (language) document.documentElement.lang = language;
  }

  document.addEventListener("click", onClick, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.("#panel .source")) goBack();
  });
  // Gradio opens every link in a new tab; those of the masthead lead to pages of this app.
  document.addEventListener("click", (event) => {
    event.target.closest?.("#masthead a")?.removeAttribute("target");
  }, true);
  let queued = false;
  new MutationObserver((changes) => {
    const touched = changes.some(({ target }) => target.closest?.("#panel, #chat, #masthead") ||
      target.querySelector?.("#panel"));
    if (!touched || queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      const content = panel()?.querySelector(".sources");
      if (content && !content.dataset.seen) {
        content.dataset.seen = "yes";
        onPanel();
      }
      onChat();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
