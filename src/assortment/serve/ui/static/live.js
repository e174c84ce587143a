// What scripts add to pages that work without them: a form is answered in place, and goods glide to where they stand now.
//
// A page is asked for as anybody would ask for it, and of the answer the parts marked `data-region` take the place of those of
// the same id.

import { wishing } from "./wishing.js";

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const at = (id) => document.getElementById(id);

export async function fetched(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-Live": "1" } }).catch(() => null);
  if (!answer) throw new Error("The shop does not answer just now.");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = page.querySelector("[data-region]");
  if (!known) throw new Error(page.querySelector(".lead")?.textContent || `The shop answered with nothing of use (${answer.status}).`);
  return page;
}

// Putting a page's parts in place

/** Put the regions of a page in the place of ours; returns what changed in the grid of goods, null where it has none. */
export function put(page, grid = "slate") {
  const focus = focused();
  const before = places();
  const was = order(grid);
  for (const region of document.querySelectorAll("[data-region]")) {
    const fresh = page.getElementById(region.id);
    if (fresh) region.replaceWith(document.adoptNode(fresh));
  }
  refocus(focus);
  const change = changed(was, order(grid));
  mark(grid, was);
  glide(before);
  const said = page.getElementById("toast")?.textContent.trim();
  if (said) say(said);
  return change;
}

const cards = () => [...document.querySelectorAll(".grid .card")];
const key = (card) => `${card.closest(".grid").id}/${card.dataset.item}`;
const places = () => new Map(cards().map((card) => [key(card), card.getBoundingClientRect()]));
const order = (grid) => [...(at(grid)?.querySelectorAll(".card") ?? [])].map((card) => card.dataset.item);

function changed(was, now) {
  return {
    came: now.filter((item) => !was.includes(item)).length,
    went: was.filter((item) => !now.includes(item)).length,
    moved: now.filter((item, place) => was.includes(item) && was[place] !== item).length,
  };
}

function mark(grid, was) {
  if (!was.length) return;
  for (const [place, card] of [...(at(grid)?.querySelectorAll(".card") ?? [])].entries()) {
    const old = was.indexOf(card.dataset.item);
    const note = card.querySelector(".was");
    if (old < 0) note.textContent = "new";
    else if (old !== place) note.textContent = `${old > place ? "↑" : "↓"}${Math.abs(old - place)}`;
  }
}

function glide(before) {
  if (still()) return;
  for (const card of cards()) {
    const old = before.get(key(card));
    const now = card.getBoundingClientRect();
    if (!old) card.animate([{ opacity: 0, transform: "translateY(10px)" }, { opacity: 1, transform: "none" }], { duration: 260, easing: "ease-out" });
    else if (old.left !== now.left || old.top !== now.top)
      card.animate([{ transform: `translate(${old.left - now.left}px, ${old.top - now.top}px)` }, { transform: "none" }], { duration: 320, easing: "cubic-bezier(.2,.8,.2,1)" });
  }
}

// The focus stays with what it was on, or with the goods

function focused() {
  const node = document.activeElement;
  const region = node?.closest("[data-region]");
  return region && { region: region.id, id: node.id, item: node.closest("[data-item]")?.dataset.item, kind: node.dataset.kind };
}

function refocus(was) {
  if (!was || document.activeElement !== document.body) return;
  const region = at(was.region);
  const home = was.item ? region?.querySelector(`[data-item="${CSS.escape(was.item)}"]`) : region;
  const same = was.kind && `[data-kind="${CSS.escape(was.kind)}"]`;
  const found = (same && (home?.querySelector(same) ?? document.querySelector(same))) || (was.id && at(was.id)) || home?.querySelector("a:not([tabindex])");
  (found || region?.querySelector("a:not([tabindex]), button"))?.focus({ preventScroll: true });
}

// Small words

export function say(text, kind = "") {
  const toast = at("toast");
  toast.textContent = text;
  toast.className = `toast shown ${kind}`;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => toast.classList.remove("shown"), 3200);
}

export const complain = (error) => say(error.message, "bad");

// Forms that are answered in place

async function answered(form, button) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    put(await fetched(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) }));
  } catch (error) {
    complain(error);
  }
  delete form.dataset.busy;
}

document.addEventListener("submit", (sent) => {
  if (!sent.target.matches("form[data-live]")) return;
  sent.preventDefault();
  answered(sent.target, sent.submitter);
});

// What only scripts can do is there where they run

for (const node of document.querySelectorAll(".needs-script:not(.another)")) node.hidden = false;

for (const button of document.querySelectorAll("[data-take]"))
  button.addEventListener("click", () => {
    const field = at(button.dataset.take);
    field.value = field.dataset.guess;
    field.focus();
  });

const follow = document.querySelector("[data-follow]");
if (follow)
  setInterval(async () => {
    if (!follow.checked || document.hidden) return;
    try {
      put(await fetched(location.href));
    } catch (error) {
      follow.checked = false;
      complain(error);
    }
  }, 1000 * follow.dataset.follow);

if (at("toast")?.textContent.trim()) say(at("toast").textContent);
for (const form of document.querySelectorAll("form[data-wish]")) wishing(form, { fetched, put, complain });
