"use strict";
// Filter, keyboard and address. A task's fragment comes from the server, or is unpacked from this file: the same bytes.
(() => {
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // The theme: the only thing that is kept in the browser.
  const kept = { read: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
                 write: (theme) => { try { localStorage.setItem("theme", theme); } catch { /* a file may have no storage */ } } };
  if (kept.read()) root.dataset.theme = kept.read();
  one("#theme")?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    kept.write(root.dataset.theme);
  });

  // htmx notes the page's address in the session's storage, for a history that is switched off.
  addEventListener("DOMContentLoaded", () => { try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* none */ } });

  // Copying.
  const copy = async (text, button) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = text; area.select(); document.execCommand("copy"); area.remove();
    }
    const said = button.textContent;
    button.textContent = "copied";
    setTimeout(() => { button.textContent = said; }, 1200);
  };
  // A screen as Markdown: it brings its own, or the server makes it.
  const copyPage = async (button) => {
    const own = one("#markdown"), address = new URL(location.href);
    address.searchParams.set("as", "markdown");
    address.hash = "";
    copy(own ? own.content.textContent : await (await fetch(address)).text(), button);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const what = button.dataset.copy;
    if (what === "page") { copyPage(button); return; }
    copy(what === "link" ? location.href : what === "next" ? button.previousElementSibling.textContent : one(what).content?.textContent ?? one(what).textContent, button);
  });

  const matrix = one("#matrix");
  if (!matrix) return;
  const rows = all(".tasks tbody tr", matrix), detail = one(".detail", matrix), body = one(".detail-body", matrix);
  const filters = all("button[data-mark]"), selects = all("select[data-by]"), search = one("#search"), count = one("#count");
  const dialog = one("#keys"), FIRST = 200;
  const facts = rows.map((row) => ({ row, id: row.dataset.id, marks: ` ${row.dataset.m} `, by: { suite: row.dataset.s, split: row.dataset.p, kind: row.dataset.k, reason: row.dataset.r }, tags: ` ${row.dataset.t ?? ""} `, text: null }));
  const byId = new Map(facts.map((fact, at) => [fact.id, at]));
  let shown = facts, drawing = 0, opened = null;

  // The address is the only state: m marks, suite, split, kind, reason, tag, q search, t task, d diff.
  const state = () => new URLSearchParams(location.hash.slice(1));
  const go = (changes, { replace = false } = {}) => {
    const next = state();
    for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
    const hash = next.toString() ? `#${next}` : location.pathname + location.search;
    history[replace ? "replaceState" : "pushState"](null, "", hash);
    apply();
  };

  const matches = (now) => {
    const mark = now.get("m") ?? "all", asked = (now.get("q") ?? "").toLowerCase();
    const by = ["suite", "split", "kind", "reason"].filter((key) => now.get(key)).map((key) => [key, now.get(key)]);
    const tag = all("option", one('select[data-by="tag"]')).find((option) => option.value && option.value === now.get("tag"))?.dataset.n;
    return facts.filter((fact) => {
      if (mark !== "all" && !fact.marks.includes(` ${mark} `)) return false;
      if (by.some(([key, value]) => fact.by[key] !== value)) return false;
      if (tag && !fact.tags.includes(` ${tag} `)) return false;
      if (!asked) return true;
      fact.text ??= fact.row.textContent.toLowerCase();
      return fact.text.includes(asked);
    });
  };

  const mark = (now) => now.get("m") ?? "all";
  const show = (now) => {
    const key = ["m", "q", "suite", "split", "kind", "reason", "tag"].map((name) => now.get(name) ?? "").join("\u0000");
    if (show.key === key) return;
    show.key = key;
    const wanted = new Set((shown = matches(now)));
    const mine = ++drawing;
    let drawn = 0;
    const late = [];
    for (const fact of facts) {
      const visible = wanted.has(fact);
      if (visible && ++drawn > FIRST) { late.push(fact); if (fact.row.hidden) continue; }
      if (fact.row.hidden === visible) fact.row.hidden = !visible;
    }
    for (const fact of late) fact.row.hidden = true;
    const rest = () => {
      if (mine !== drawing || !late.length) return;
      for (const fact of late.splice(0, FIRST)) fact.row.hidden = false;
      setTimeout(rest, 16);
    };
    setTimeout(rest, 60);
    // What the list is of, in the words of the tools that say it.
    const told = filters.filter((button) => mark(now) !== "all" && button.dataset.mark === mark(now)).map((button) => button.dataset.word);
    for (const select of selects) if (now.get(select.dataset.by)) told.push(`${one("span", select.parentElement).textContent}: ${now.get(select.dataset.by)}`);
    if (now.get("q")) told.push(`with "${now.get("q")}"`);
    count.textContent = `${shown.length} of ${facts.length} shown${told.length ? `: ${told.join(", ")}` : ""}`;
    one("#none").hidden = shown.length > 0;
    for (const button of filters) button.setAttribute("aria-pressed", String(mark(now) === button.dataset.mark));
    for (const select of selects) select.value = now.get(select.dataset.by) ?? "";
    if (document.activeElement !== search) search.value = now.get("q") ?? "";
  };

  const unpacked = new Map();
  const unpack = async (group) => {
    if (!unpacked.has(group)) {
      const packed = Uint8Array.from(atob(one(`#pack-${group}`).innerHTML.trim()), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      unpacked.set(group, JSON.parse(await new Response(stream).text()));
    }
    return unpacked.get(group);
  };
  const fragment = async (at) => {
    const number = Number(facts[at].row.dataset.n), size = Number(matrix.dataset.group);
    if (!matrix.dataset.source) return (await unpack(Math.floor(number / size)))[number % size];
    const answer = await fetch(`${matrix.dataset.source}${number}`);
    return answer.ok ? answer.text() : "<p>The server has no such task any more: load the page again.</p>";
  };

  const open = async (id) => {
    if (opened === id) return;
    opened = id;
    for (const row of all('tr[aria-selected="true"]', matrix)) row.removeAttribute("aria-selected");
    const at = byId.get(id);
    matrix.classList.toggle("open", at !== undefined);
    detail.hidden = at === undefined;
    if (at === undefined) { body.replaceChildren(); return; }
    facts[at].row.setAttribute("aria-selected", "true");
    const html = await fragment(at);
    if (opened !== id) return;
    const folded = new Map(all("details", body).map((part) => [part.dataset.part, part.open]));
    body.innerHTML = html; // made by the server that made this page, or packed with it: every text in it is escaped
    for (const part of all("details", body)) if (folded.has(part.dataset.part)) part.open = folded.get(part.dataset.part);
    const place = shown.indexOf(facts[at]);
    one("#place").textContent = place < 0 ? "" : `${place + 1} of ${shown.length} shown`;
    detail.scrollTop = 0;
    facts[at].row.scrollIntoView({ block: "nearest" });
  };

  const apply = () => {
    const now = state();
    show(now);
    matrix.dataset.diff = now.get("d") ?? "words";
    for (const button of all("button[data-diff-to]")) button.setAttribute("aria-pressed", String(button.dataset.diffTo === matrix.dataset.diff));
    open(now.get("t"));
  };

  const move = (by) => {
    if (!shown.length) return;
    const at = shown.findIndex((fact) => fact.id === state().get("t"));
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by));
    go({ t: shown[next].id });
  };
  const diff = () => { const modes = ["words", "lines", "off"]; go({ d: modes[(modes.indexOf(matrix.dataset.diff) + 1) % 3] }, { replace: true }); };
  const close = () => { const id = state().get("t"); go({ t: "" }); if (byId.has(id)) one("a", facts[byId.get(id)].row).focus(); };

  for (const button of filters) button.addEventListener("click", () => go({ m: button.dataset.mark === "all" ? "" : button.dataset.mark }));
  for (const select of selects) select.addEventListener("change", () => go({ [select.dataset.by]: select.value }));
  search.addEventListener("input", () => go({ q: search.value }, { replace: true }));
  one(".tasks tbody", matrix).addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || getSelection().toString()) return;
    const row = event.target.closest("tr");
    if (row) { event.preventDefault(); go({ t: row.dataset.id }); }
  });
  for (const button of all("button[data-diff-to]")) button.addEventListener("click", () => go({ d: button.dataset.diffTo }, { replace: true }));
  one("#close").addEventListener("click", close);
  one("#before").addEventListener("click", () => move(-1));
  one("#after").addEventListener("click", () => move(1));
  one("#help").addEventListener("click", () => dialog.showModal());
  one("#strip")?.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-at]");
    if (cell) go({ t: facts[Number(cell.dataset.at)].id });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.target.matches("input, select, textarea")) { if (event.key === "Escape") event.target.blur(); return; }
    const number = Number(event.key);
    if (number >= 1 && number <= filters.length) filters[number - 1].click();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "d") diff();
    else if (event.key === "/") search.focus();
    else if (event.key === "?") dialog.showModal();
    else if (event.key === "Escape" && opened) close();
    else return;
    event.preventDefault();
  });
  addEventListener("popstate", apply);
  addEventListener("hashchange", apply);
  matrix.classList.add("scripted");
  apply();
})();
