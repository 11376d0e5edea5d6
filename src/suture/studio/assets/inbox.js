"use strict";
// The inbox of served answers: judged by keyboard, without loading the page again, so that the key is typed once.
(() => {
  const inbox = document.querySelector("#inbox"), key = document.querySelector("#inbox-key"), told = document.querySelector("#inbox-told");
  if (!inbox) return;
  let busy = false;

  const show = async (address, sent) => {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(address, { method: sent ? "POST" : "GET", body: sent, headers: { "x-fragment": "inbox" } });
      const html = await answer.text();
      if (answer.ok) {
        inbox.innerHTML = html; // made by the server that made this page: every text in it is escaped
        told.textContent = "";
      } else {
        const page = new DOMParser().parseFromString(html, "text/html");
        told.textContent = [...page.querySelectorAll("main .notice, main code")].map((part) => part.textContent).join(" · try: ");
        if (answer.status === 403) key.focus();
      }
      return answer.ok;
    } catch {
      told.textContent = "The studio does not answer any more.";
    } finally {
      busy = false;
    }
  };
  // State and address go together: what is shown has the address that leads to it.
  const go = async (address, sent) => {
    if (await show(address, sent)) history.pushState(null, "", inbox.firstElementChild?.dataset.address ?? address);
  };

  inbox.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="/traffic"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#inbox form")) return;
    event.preventDefault();
    const sent = new URLSearchParams(new FormData(event.target, event.submitter));
    sent.set("key", key.value);
    go(event.target.getAttribute("action"), sent);
  });
  addEventListener("popstate", () => show(location.pathname + location.search));

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) inbox.querySelector('button[value="corrected"]')?.click();
    if (event.target.matches("input, select, textarea")) { if (event.key === "Escape") event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = inbox.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.matches("textarea") ? target.focus() : target.click();
  });
})();
