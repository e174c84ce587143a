// What all pages share: who is here, the public HTTP, a card, a slate.

import { paint, tint } from "./tiles.js";

export const at = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

export async function ask(path, { method = "GET", body } = {}) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
  if (!answer) throw new Error("The shop does not answer just now.");
  const told = await answer.json().catch(() => null);
  if (!answer.ok || !told) throw new Error(told?.error ?? `The shop answered with nothing of use (${answer.status}).`);
  return told;
}

export function address(path, fields = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const one of [value ?? ""].flat()) if (one !== "") query.append(name, one);
  return query.size ? `${path}?${query}` : path;
}

export const inPath = (id) => id.split("/").map(encodeURIComponent).join("/");

// Who is here

const newGuest = () => `guest-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;

export const person = {
  get id() {
    const given = new URLSearchParams(location.search).get("user");
    if (given) localStorage.setItem("person", given);
    if (!localStorage.getItem("person")) localStorage.setItem("person", newGuest());
    return localStorage.getItem("person");
  },
  get name() {
    return this.id.startsWith("guest-") ? "Guest" : this.id;
  },
  become(id) {
    localStorage.setItem("person", id);
    const here = new URL(location.href);
    here.searchParams.delete("user");
    location.assign(here);
  },
};

export const becomeGuest = () => person.become(newGuest());

function greet() {
  const button = at("person");
  button.querySelector(".name").textContent = person.name;
  button.setAttribute("aria-label", `Shopping as ${person.name}; change`);
  tint(button.querySelector(".face"), person.id);
  for (const who of document.querySelectorAll("#who")) who.textContent = person.name === "Guest" ? "a guest" : person.name;
}

async function listPeople() {
  const { people } = await ask(address("/api/users", { contains: at("contains").value.trim(), most: 12 }));
  const rows = people.map(({ user: id, events }) => {
    const face = make("span", { class: "face", "aria-hidden": "true" });
    tint(face, id, make("small", {}, count(events, "event", "events")));
    const button = make("button", { type: "button" }, face, id, make("small", {}, count(events, "event", "events")));
    button.addEventListener("click", () => person.become(id));
    return make("li", {}, button);
  });
  at("found").replaceChildren(...(rows.length ? rows : [make("li", { class: "dim" }, "Nobody by that id.")]));
}

function letChoose() {
  const sheet = at("people");
  at("person").addEventListener("click", () => {
    sheet.showModal();
    listPeople().catch(complain);
  });
  at("contains").addEventListener("input", later(() => listPeople().catch(complain), 120));
  at("contains").addEventListener("keydown", (pressed) => {
    if (pressed.key === "Enter") {
      pressed.preventDefault();
      at("found").querySelector("button")?.click();
    }
  });
  at("guest").addEventListener("click", becomeGuest);
  sheet.addEventListener("click", (pressed) => pressed.target === sheet && sheet.close());
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

export function later(act, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}

/** Act at once, and once more for all the calls that came meanwhile: one at a time, and at most ten a second. */
export function eager(act) {
  let acting = false;
  let again = false;
  return async () => {
    again = true;
    if (acting) return;
    acting = true;
    try {
      while (again) {
        again = false;
        await Promise.all([act(), new Promise((rested) => setTimeout(rested, 100))]);
      }
    } finally {
      acting = false;
    }
  };
}

/** Set a text; what is said already is not said again. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const capital = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
export const price = (value) => (value == null ? "" : `${document.body.dataset.currency}${value.toFixed(2)}`);
export const loud = (title) => title === title.toUpperCase();

// A card

const DONE = { purchase: "Bought", favourite: "Liked", hide: "Hidden" };

export async function tell(kind, item, slate) {
  await ask("/api/events", { method: "POST", body: { user: person.id, item, kind, ...(slate && { slate }) } });
}

function facts(card) {
  const rows = [];
  if (card.from) rows.push(["Found by", card.from]);
  if (card.relevance != null) rows.push(["Relevance", `${Math.round(100 * card.relevance)} of 100`]);
  if (card.before != null) {
    const risen = card.before - card.place;
    rows.push(["By relevance alone", `place ${card.before}${risen > 0 ? `, raised by ${risen}` : ""}`]);
  }
  return rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
}

export function cardOf(card, slate, after) {
  const node = at("card").content.firstElementChild.cloneNode(true);
  const page = address(`/items/${inPath(card.item)}`, { slate });
  node.dataset.item = card.item;
  node.querySelector(".tile-link").href = page;
  paint(node.querySelector(".tile"), card);
  const title = node.querySelector(".title a");
  title.href = page;
  title.textContent = card.title;
  node.querySelector(".title").classList.toggle("loud", loud(card.title));
  node.querySelector(".price").textContent = price(card.price);
  const chip = node.querySelector(".chip");
  chip.textContent = card.category ?? "";
  if (card.category) tint(chip, card.category);
  node.querySelector(".reason").textContent = card.why ?? "";
  node.querySelector(".why dl").append(...facts(card));
  for (const button of node.querySelectorAll(".deed")) {
    const word = button.getAttribute("aria-label") ?? button.textContent;
    button.setAttribute("aria-label", `${word}: ${card.title}`);
    button.addEventListener("click", () => act(button, card, slate, after));
  }
  return node;
}

export async function act(button, card, slate, after) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await tell(button.dataset.kind, card.item, slate);
    button.classList.add("done");
    say(`${DONE[button.dataset.kind]}. The next slate knows.`);
    await after?.();
  } catch (error) {
    complain(error);
  }
  button.removeAttribute("aria-disabled");
}

// A slate

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Put a slate's cards into a grid; cards that stay glide to their new place, and the focus stays in the grid. Returns what
 * changed. */
export function lay(grid, slate, after) {
  calm(grid);
  const focused = grid.contains(document.activeElement) ? document.activeElement : null;
  const before = new Map([...grid.querySelectorAll(".card")].map((card, place) => [card.dataset.item, { card, place }]));
  const from = new Map([...before].map(([item, { card }]) => [item, card.getBoundingClientRect()]));
  const cards = slate.items.map((card) => cardOf(card, slate.slate, after));
  grid.replaceChildren(...cards);
  grid.dataset.slate = slate.slate;
  grid.setAttribute("aria-busy", "false");
  const change = { came: 0, moved: 0, went: 0, first: before.size === 0 };
  cards.forEach((card, place) => {
    const old = before.get(card.dataset.item);
    const mark = card.querySelector(".was");
    if (!old) {
      change.came += 1;
      if (!change.first) [mark.textContent, mark.title] = ["new", "was not here before"];
    } else if (old.place !== place) {
      change.moved += 1;
      [mark.textContent, mark.title] = [`${old.place > place ? "↑" : "↓"}${Math.abs(old.place - place)}`, `was at place ${old.place + 1}`];
    }
    glide(card, from.get(card.dataset.item));
  });
  if (focused) refocus(grid, focused);
  change.went = [...before.keys()].filter((item) => !slate.items.some((card) => card.item === item)).length;
  return change;
}

/** Move the focus from what is no longer there to the same card's like or, where that went too, to the first title. */
function refocus(grid, old) {
  const card = grid.querySelector(`[data-item="${CSS.escape(old.closest(".card")?.dataset.item ?? "")}"]`) ?? grid.querySelector(".card");
  const same = old.dataset.kind ? card?.querySelector(`[data-kind="${old.dataset.kind}"]`) : null;
  (same ?? card?.querySelector(".title a"))?.focus({ preventScroll: true });
}

/** Tell of a slate that did not come, above the place where it would be; the last one stays, faded, where there is one. */
export function trouble(grid, error, again) {
  calm(grid);
  const button = make("button", { type: "button", class: "quiet" }, "Try again");
  button.addEventListener("click", again);
  const said = make("p", {}, capital(error.message));
  grid.before(make("div", { class: "note trouble", role: "alert" }, make("p", { class: "note-title" }, "The goods could not be fetched."), said, button));
  grid.setAttribute("aria-busy", "false");
  grid.classList.add("stale");
}

function calm(grid) {
  if (grid.previousElementSibling?.classList.contains("trouble")) grid.previousElementSibling.remove();
  grid.classList.remove("stale");
}

function glide(card, old) {
  if (still()) return;
  if (!old) {
    card.animate([{ opacity: 0, transform: "translateY(10px)" }, { opacity: 1, transform: "none" }], { duration: 260, easing: "ease-out" });
    return;
  }
  const now = card.getBoundingClientRect();
  const [x, y] = [old.left - now.left, old.top - now.top];
  if (x || y) card.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 320, easing: "cubic-bezier(.2,.8,.2,1)" });
}

/** One stripe per kind of goods on a slate, as wide as its share. Returns how many kinds have a name. */
export function stripes(strip, slate) {
  const kinds = new Map();
  for (const card of slate.items) kinds.set(card.category ?? "other", (kinds.get(card.category ?? "other") ?? 0) + 1);
  const sorted = [...kinds].sort((one, other) => other[1] - one[1]);
  strip.replaceChildren(
    ...sorted.map(([kind, count]) => {
      const stripe = make("span", { title: `${count} × ${kind}` }, make("b", {}, kind));
      tint(stripe, kind);
      stripe.style.flexGrow = count;
      return stripe;
    }),
  );
  strip.hidden = !slate.items.some((card) => card.category);
  const named = sorted.filter(([kind]) => kind !== "other").length;
  strip.setAttribute("aria-label", `${count(named, "kind", "kinds")} of goods: ${sorted.map(([kind, number]) => `${number} ${kind}`).join(", ")}`);
  return named;
}

export const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

greet();
letChoose();
