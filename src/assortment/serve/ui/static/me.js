import { address, ask, at, becomeGuest, capital, complain, count, eager, inPath, lay, loud, make, person, price, put, say, trouble } from "./shop.js";
import { paint, tint } from "./tiles.js";

const DID = { view: "looked at", click: "clicked", favourite: "liked", cart: "put in the basket", purchase: "bought", rating: "rated", share: "shared", comment: "commented on", hide: "hid", return: "returned" };
const FIRST = 6;
const DAY = 86_400_000;
const day = (time) => new Date(time).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
const percent = (share) => (share > 0 && share < 0.01 ? "under\u00a01\u00a0%" : `${Math.round(100 * share)}\u00a0%`);
let all = false;

function row(item, ...more) {
  const tile = make("span", { class: "tile mini" });
  paint(tile, item);
  const link = make("a", { href: address(`/items/${inPath(item.item)}`), class: loud(item.title) ? "loud" : "" }, item.title);
  return make("li", {}, tile, make("span", {}, link, ...more));
}

// Muting

const key = ({ column, label }) => `${column}\n${label}`;

/** A button that mutes a kind or, where it is muted, takes that back. */
function switchOf(kind) {
  const [name, word] = kind.muted ? ["mute on", "Show again"] : ["mute", "Mute"];
  const button = make("button", { type: "button", class: name, "aria-label": `${word}: ${kind.label}`, "data-kind": key(kind) }, word);
  button.addEventListener("click", () => mute(kind, !kind.muted));
  return button;
}

async function mute({ column, label }, muted) {
  try {
    await ask(`/api/users/${inPath(person.id)}/muted`, { method: "PUT", body: { column, value: label, muted } });
    say(muted ? `Muted: ${label}. The next goods obey.` : `${label} may be shown again.`);
    await Promise.all([show(), next()]);
  } catch (error) {
    complain(error);
  }
}

// The portrait

function interestOf(interest) {
  const bar = make("span", { class: "share", "aria-hidden": "true" }, make("span", {}));
  bar.firstChild.style.width = `${100 * interest.share}%`;
  const tiles = interest.some.map((item) => {
    const tile = make("a", { class: "tile mini", href: address(`/items/${inPath(item.item)}`), title: item.title, "aria-label": item.title });
    paint(tile, item);
    return tile;
  });
  const node = make(
    "li",
    { class: interest.muted ? "interest off" : "interest" },
    make("div", { class: "interest-head" }, make("h3", {}, interest.label), make("b", {}, percent(interest.share))),
    bar,
    make("p", { class: "words" }, interest.words.join(" · ")),
    make("div", { class: "tiles" }, ...tiles),
    make("p", { class: "meta" }, `${count(interest.goods, "product", "products")}, last ${day(interest.last)}`, make("span", { class: "trend" }, trend(interest))),
    switchOf(interest),
  );
  tint(node, interest.label);
  return node;
}

function trend({ early, late }) {
  if (Math.abs(late - early) < 0.02) return "";
  return ` · ${late > early ? "more" : "less"} of late, ${percent(early)}\u00a0→\u00a0${percent(late)}`;
}

function shareOf(part) {
  const bar = make("span", { class: "share", "aria-hidden": "true" }, make("span", {}));
  bar.firstChild.style.width = `${100 * part.share}%`;
  const node = make("li", { class: part.muted ? "off" : "" }, make("span", { class: "name" }, part.label), bar, make("span", { class: "digits" }, percent(part.share)), switchOf(part));
  tint(node, part.label);
  return node;
}

function mutedOf({ column, value, goods }) {
  const said = make("span", {}, make("b", {}, value), make("small", {}, ` ${column}, ${count(goods, "product", "products")}`));
  return make("li", {}, said, switchOf({ column, label: value, muted: true }));
}

/** A scale from 0 to 1 with a name, what it says, and where the usual is. */
function gauge(name, said, value, ends, usual) {
  const level = make("span", { class: "level" });
  level.style.width = `${100 * value}%`;
  const scale = make("span", { class: "scale", role: "meter", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * value), "aria-valuetext": said }, level);
  if (usual != null) {
    const tick = make("span", { class: "tick", title: "usual here" });
    tick.style.left = `${100 * usual}%`;
    scale.append(tick);
  }
  return make("div", { class: "gauge" }, make("span", { class: "name" }, name), make("b", {}, said), scale, make("span", { class: "ends" }, ...ends.map((end) => make("span", {}, end))));
}

function habits({ prices, rhythm, variety, usual, drift }) {
  const rows = [];
  if (prices) {
    const range = prices.low === prices.high ? price(prices.low) : `${price(prices.low)} – ${price(prices.high)}`;
    rows.push(gauge("Prices", range, prices.level, ["cheaper than others of their kind", "dearer"]));
  }
  const difference = variety - usual;
  const said = Math.abs(difference) < 0.05 ? "as most here" : difference > 0 ? "more than most here" : "less than most here";
  rows.push(gauge("Variety", said, variety, ["always the same", "as much as there is"], usual));
  if (rhythm) rows.push(make("p", {}, visits(rhythm)));
  if (drift) rows.push(make("p", {}, changed(drift)));
  return rows;
}

function visits({ visits, last, between }) {
  const often = between == null ? "" : `, ${span(between)} apart as a rule`;
  return `${capital(count(visits, "visit", "visits"))}${often}; the last on ${day(last)}.`;
}

function span(milliseconds) {
  const days = Math.round(milliseconds / DAY);
  return days ? count(days, "day", "days") : count(Math.max(1, Math.round((24 * milliseconds) / DAY)), "hour", "hours");
}

function changed({ real, towards, away }) {
  if (!real) return "Your interests change no more than chance would have it.";
  return `Your interests have changed: most towards ${towards}, most away from ${away}.`;
}

function fill(list, rows) {
  list.replaceChildren(...rows);
  (list.closest("[role=group]") ?? list.parentElement).hidden = !rows.length;
}

async function show() {
  const portrait = await ask(`/api/users/${inPath(person.id)}`);
  const focused = document.activeElement?.dataset?.kind;
  const among = document.activeElement?.closest("ul")?.id;
  put(
    at("summary"),
    portrait.known ? `${count(portrait.owned.length, "product", "products")} owned; last here ${day(portrait.last)}.` : "Nothing yet. What you look at, like or buy will be here.",
  );
  const interests = portrait.interests.slice(0, all ? undefined : FIRST);
  fill(at("interests"), interests.map(interestOf));
  at("all-interests").hidden = portrait.interests.length <= FIRST;
  at("all-interests").setAttribute("aria-expanded", String(all));
  put(at("all-interests"), all ? "Only the strongest" : `All ${portrait.interests.length} interests`);
  fill(at("muted"), portrait.muted.map(mutedOf));
  const interested = portrait.interests[0]?.column;
  fill(at("kinds"), interested === "category" ? [] : portrait.categories.slice(0, 8).map(shareOf));
  fill(at("brands"), portrait.brands.slice(0, 8).map(shareOf));
  fill(at("habits"), portrait.takes ? habits(portrait) : []);
  at("more").hidden = !portrait.takes;
  put(at("words"), portrait.query);
  at("words").parentElement.hidden = !portrait.query;
  at("search").href = address("/search", { q: portrait.query });
  fill(at("recent"), portrait.recent.slice(0, 30).map((deed) => row(deed, make("small", {}, `${DID[deed.kind]} · ${day(deed.time)}`))));
  fill(at("refused"), portrait.refused.map((item) => row(item)));
  if (focused) refocus(focused, among);
}

/** Give the focus to the button of the same kind, in the same list if it is still there. */
function refocus(kind, list) {
  const same = `.mute[data-kind="${CSS.escape(kind)}"]`;
  (document.querySelector(`#${list} ${same}`) ?? document.querySelector(same))?.focus({ preventScroll: true });
}

const next = eager(async () => {
  try {
    const slate = await ask(address(`/api/recommend/${inPath(person.id)}`, { k: 6 }));
    const change = lay(at("next"), slate, async () => Promise.all([show(), next()]));
    const moved = change.came + change.went;
    put(at("changed"), change.first ? "" : moved ? `${change.came} came, ${change.went} went.` : "Nothing changed.");
  } catch (error) {
    trouble(at("next"), error, next);
  }
});

at("all-interests").addEventListener("click", () => {
  all = !all;
  show().catch(complain);
});

at("forget").addEventListener("click", async () => {
  if (!confirm(`Remove all that the shop holds of ${person.name}? It cannot be undone.`)) return;
  try {
    await ask(`/api/users/${inPath(person.id)}`, { method: "DELETE" });
    say("Forgotten.");
    if (person.name === "Guest") becomeGuest();
    else await Promise.all([show(), next()]);
  } catch (error) {
    complain(error);
  }
});
show().catch(complain);
next();
