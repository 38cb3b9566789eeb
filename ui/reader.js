// Reading an article, in the source panel of the chat and on a page of its own: words marked by
// their places in the received file, views fetched when they are asked for, small notes at a
// citation or a word. Everything that is shown as text is set as text.
(() => {
  "use strict";
  const HOVER_MS = 120; // a pointer that only passes opens nothing
  const LEAVE_MS = 200; // time to move from a citation onto its note
  const MAX_QUOTE_CHARS = 240;
  const SPACES = /[\s\x00-\x1f\x7f\x85\ufeff]+/g;
  const alone = () => document.body.classList.contains("plain"); // a page of its own
  const FRAMES = { "zh-Hans": "zh", "zh-Hant": "zh-Hant", en: "en" }; // of ui/strings.py

  // Places: "s12-30,other.txt:4-9~1f3a", as ui/links.py writes them

  function placesIn(text, file) {
    const found = [];
    for (const part of text.replace(/^#?s?|~[^~]*$/g, "").split(",")) {
      const match = /^(?:(.+):)?(\d{1,10})-(\d{1,10})$/.exec(part);
      if (!match) continue;
      let named = file;
      try {
        if (match[1]) named = decodeURIComponent(match[1]);
      } catch {
        continue; // percent signs that encode nothing
      }
      found.push({ file: named, start: Number(match[2]), end: Number(match[3]) });
    }
    return found;
  }

  // Whether the words that are marked are those of the link; a link may not tell.
  function isUnchanged(section, text) {
    const check = /~([0-9a-f]{4})$/.exec(text)?.[1];
    const marks = Array.from(section.querySelectorAll("mark"));
    const whole = marks.some((mark) => mark.closest("[data-places]")); // more than its words
    if (!check || whole) return true;
    let sum = 0;
    for (const character of marks.map((mark) => mark.textContent).join("").replace(SPACES, "")) {
      sum = (sum * 31 + character.codePointAt(0)) % 0x10000;
    }
    return sum.toString(16).padStart(4, "0") === check;
  }

  // Wraps characters `from` to `to` of an element in <mark>; they are counted as code points.
  function wrap(element, from, to) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    let at = 0;
    for (const node of nodes) {
      const characters = Array.from(node.data);
      const first = Math.max(from - at, 0);
      const last = Math.min(to - at, characters.length);
      at += characters.length;
      if (first >= last) continue;
      const skipped = characters.slice(0, first).join("").length;
      const words = skipped ? node.splitText(skipped) : node;
      const length = characters.slice(first, last).join("").length;
      if (length < words.data.length) words.splitText(length);
      const mark = document.createElement("mark");
      words.replaceWith(mark);
      mark.append(words);
    }
  }

  // Marks `places` in `root` and returns the first mark; null where it holds none of them.
  function markPlaces(root, places) {
    const fileOf = (element) => element.closest("[data-file]").dataset.file;
    for (const mark of root.querySelectorAll("mark")) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
    for (const piece of root.querySelectorAll("[data-at]")) {
      const own = fileOf(piece);
      const [start, end] = piece.dataset.at.split("-").map(Number);
      for (const place of places) {
        const from = Math.max(place.start, start);
        const to = Math.min(place.end, end);
        if (place.file === own && from < to) wrap(piece, from - start, to - start);
      }
    }
    for (const head of root.querySelectorAll("[data-places]")) {
      const held = placesIn(head.dataset.places, fileOf(head));
      const meets = (one) => places.some((other) =>
        one.file === other.file && one.start < other.end && other.start < one.end);
      if (held.some(meets)) wrap(head, 0, Infinity);
    }
    return root.querySelector("mark");
  }

  // Says so where the words that are marked in what is shown are not those of the link.
  function tellChanged(section) {
    const tools = section.querySelector(".tools");
    const { hash } = alone() ? location : tools.querySelector("a.copy");
    const shown = section.querySelector(".view:not(a)") ?? section;
    const changed = shown.querySelector("mark") && !isUnchanged(shown, hash);
    const told = tools.querySelector(".told");
    told.setAttribute("role", "status");
    told.textContent = changed ? tools.querySelector(".changed").textContent : "";
  }

  // The places that a section is about: those of its link, or of the address of its page.
  function placesOf(section) {
    if (alone()) return placesIn(location.hash, section.dataset.given);
    const link = new URL(section.querySelector(".tools a.copy").href);
    return placesIn(link.hash, link.searchParams.get("file"));
  }

  function bringIntoView(mark, section) {
    const box = section.closest("#panel");
    if (!box) {
      mark.scrollIntoView({ block: "center" });
      return;
    }
    const above = box.getBoundingClientRect().top - box.scrollTop;
    box.scrollTo({ top: mark.getBoundingClientRect().top - above - box.clientHeight / 3 });
  }

  // Views: the article as set, as printed, word by word

  const PARTS = { printed: "printed", words: "glossed" };
  const viewOf = (link) => link.classList.contains("to-printed") ? "printed" : "words";
  const fetched = new Map(); // address → HTML, as long as the page is open
  let view = ""; // stays when another citation is opened
  let fetching = null; // AbortController of the fetch that is under way

  async function show(section) {
    fetching?.abort();
    fetching = null;
    const tools = section.querySelector(".tools");
    if (!tools) return;
    const told = tools.querySelector(".told");
    tellChanged(section);
    press(section);
    const body = section.querySelector(".body");
    let other = section.querySelector(".view:not(a)");
    if (!view && body) {
      if (!other) return;
      other.remove();
      body.hidden = false;
      tellChanged(section);
      const quote = body.querySelector("mark");
      if (quote) bringIntoView(quote, section);
      return;
    }
    if (!view) { // set again, on a page that came in another view
      const address = new URL(tools.querySelector("a.copy").href);
      address.hash = location.hash;
      location.assign(address);
      return;
    }
    const part = new URL(tools.querySelector("a.view").href);
    part.pathname += `/${PARTS[view]}`;
    part.search = `?lang=${FRAMES[document.documentElement.lang] ?? "en"}`;
    if (other?.dataset.of === view) return;
    let html = fetched.get(part.href);
    if (html === undefined) {
      const stop = (fetching = new AbortController());
      told.textContent = tools.querySelector(".fetching").textContent;
      section.setAttribute("aria-busy", "true");
      try {
        const reply = await fetch(part, { signal: stop.signal });
        if (!reply.ok) throw new Error(String(reply.status));
        html = await reply.text();
        fetched.set(part.href, html);
      } catch {
        if (stop.signal.aborted) return; // another view was asked for
        told.textContent = tools.querySelector(".failed").textContent;
        view = other?.dataset.of ?? "";
        press(section);
        return;
      } finally {
        section.removeAttribute("aria-busy");
      }
    }
    other ??= document.createElement("div");
    other.className = "view";
    other.dataset.of = view;
    other.innerHTML = html;
    if (body) {
      body.hidden = true;
      body.after(other);
    } else if (!other.isConnected) {
      tools.after(other);
    }
    settle(other);
    const mark = markPlaces(other, placesOf(section));
    tellChanged(section);
    if (mark) bringIntoView(mark, section);
  }

  function press(section) {
    for (const link of section.querySelectorAll(".tools a.view")) {
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", String(viewOf(link) === view));
      link.removeAttribute("aria-current");
      link.removeAttribute("target");
    }
  }

  // One word is in the order of the tab key; the arrows go on from there.
  function settle(root) {
    root.querySelector(".glossed")?.setAttribute("role", "group");
    root.querySelector(".w")?.setAttribute("tabindex", "0");
  }

  async function copy(link) {
    const address = new URL(link.href, document.baseURI);
    if (alone()) address.hash = location.hash;
    const told = link.closest(".tools").querySelector(".told");
    told.setAttribute("role", "status");
    try {
      await navigator.clipboard.writeText(address.href);
      told.textContent = link.parentNode.querySelector(".copied").textContent;
    } catch { // there is no clipboard, as where the address is not https: show what to copy
      const field = document.createElement("input");
      field.readOnly = true;
      field.value = address.href;
      field.setAttribute("aria-label", link.textContent);
      told.replaceChildren(field);
      field.select();
    }
  }

  // Notes at a citation or a word

  const note = document.createElement("div");
  note.id = "note";
  note.className = "note-box";
  note.setAttribute("role", "tooltip");
  note.hidden = true;
  let noted = null; // the element that the note is about
  let timer = 0;

  function line(name, text, lang) {
    const row = document.createElement("p");
    row.className = name;
    row.textContent = text;
    if (lang) row.lang = lang;
    return row;
  }

  function linesFor(element) {
    if (element.matches(".w")) {
      const { p, e } = element.dataset;
      return [p && line("sound", p, "zh-Latn"), e && line("meaning", e, "en")].filter(Boolean);
    }
    const section = document.getElementById(element.getAttribute("href").slice(1));
    if (!section) return [];
    const marks = section.querySelectorAll(".outside mark, .body mark");
    const quote = Array.from(marks, (mark) => mark.textContent).join("");
    const short = Array.from(quote);
    const cut = short.length > MAX_QUOTE_CHARS;
    const words = cut ? `${short.slice(0, MAX_QUOTE_CHARS).join("")}…` : quote;
    const from = ["headline", "byline"].map((name) => section.querySelector(`.${name}`)?.textContent);
    return [words && line("quote", words, "zh"), line("whence", from.filter(Boolean).join(" · "), "zh")]
      .filter(Boolean);
  }

  function openNote(element) {
    clearTimeout(timer);
    if (noted === element) return;
    closeNote();
    const lines = linesFor(element);
    if (!lines.length) return;
    note.replaceChildren(...lines);
    if (!note.isConnected) document.body.append(note);
    note.hidden = false;
    noted = element;
    element.setAttribute("aria-describedby", note.id);
    const at = element.getClientRects()[0] ?? element.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const own = note.getBoundingClientRect();
    const above = at.top - own.height - 6;
    const below = at.bottom + 6;
    // that of a word stands above it, where it hides what was read already
    const up = above >= 8 && (element.matches(".w") || below + own.height > innerHeight - 8);
    note.style.left = `${Math.max(8, Math.min(at.left, width - own.width - 8))}px`;
    note.style.top = `${up ? above : below}px`;
  }

  function closeNote() {
    clearTimeout(timer);
    noted?.removeAttribute("aria-describedby");
    noted = null;
    note.hidden = true;
  }

  const NOTED = "#chat a.cite, #panel a.tab, .glossed .w";
  const target = (event) => event.target.closest?.(NOTED);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const element = target(event);
    clearTimeout(timer);
    if (element) {
      timer = setTimeout(openNote, noted ? 0 : HOVER_MS, element);
    } else if (noted && !note.contains(event.target)) {
      timer = setTimeout(closeNote, LEAVE_MS);
    }
  });
  document.addEventListener("focusin", (event) => {
    const element = target(event);
    if (element?.matches(":focus-visible")) openNote(element);
  });
  document.addEventListener("focusout", (event) => {
    if (noted && event.target === noted) closeNote();
  });
  document.addEventListener("scroll", () => noted && closeNote(), { capture: true, passive: true });
  addEventListener("resize", closeNote);

  function onKey(event) {
    if (event.key === "Escape") {
      if (noted) {
        closeNote();
        event.stopPropagation();
        event.preventDefault();
      }
      return;
    }
    const word = event.target.closest?.(".glossed .w");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!word || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    const words = Array.from(word.closest(".glossed").querySelectorAll(".w"));
    const next = words[words.indexOf(word) + step];
    if (!next) return;
    event.preventDefault();
    word.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    openNote(next);
  }

  function onClick(event) {
    const word = event.target.closest?.(".glossed .w");
    if (word) {
      openNote(word);
      return;
    }
    if (noted && !note.contains(event.target)) closeNote();
    const link = event.target.closest?.(".tools a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches(".view")) {
      event.preventDefault();
      view = view === viewOf(link) ? "" : viewOf(link);
      show(link.closest(".source"));
    } else if (link.matches(".copy")) {
      event.preventDefault();
      copy(link);
    }
  }

  document.addEventListener("keydown", onKey, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.(".tools a.view, .tools a.copy")) {
      event.preventDefault();
      event.target.click();
    }
  });
  document.addEventListener("click", onClick, true);
  document.addEventListener("wenbao:shown", (event) => show(event.detail));

  // A page of its own: mark what the address names; where it is not here, ask who holds it.

  function onAddress() {
    const gone = document.querySelector("[data-gone]");
    const section = document.querySelector(".source.whole");
    const places = gone ? placesIn(location.hash, gone.dataset.gone) : placesOf(section);
    const mark = section && markPlaces(section, places);
    if (mark) {
      tellChanged(section);
      mark.scrollIntoView({ block: "center" });
      return;
    }
    const address = new URL(location.href);
    if (!places.length || address.searchParams.has("at")) return;
    address.searchParams.set("file", places[0].file);
    address.searchParams.set("at", places[0].start);
    location.replace(address);
  }

  if (alone() && document.querySelector("[data-gone], .source.whole")) {
    const section = document.querySelector(".source.whole");
    const come = section?.querySelector(".view:not(a)");
    if (section) {
      if (come) come.dataset.of = view = new URLSearchParams(location.search).get("view");
      press(section);
      settle(section);
    }
    addEventListener("hashchange", onAddress);
    onAddress();
  }
})();
