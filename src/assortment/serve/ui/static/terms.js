// What a slate achieved of the wish, what that costs and what gave way, in words and on two small scales.

import { at, capital, count, make, put } from "./shop.js";

const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
const plain = (column) => column.replace(/^derived_/, "").replaceAll("_", " ");

function many(column) {
  const word = plain(column);
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function split(name) {
  const space = name.indexOf(" ");
  return space < 0 ? [name, ""] : [name.slice(0, space), name.slice(space + 1)];
}

// What was achieved

const ACHIEVED = {
  items: () => null,
  redundancy: () => null,
  at_most: (column, got) => `at most ${got} of one ${plain(column)}`,
  at_least: (column, got) => (column === "price" ? `prices in ${count(got, "band", "bands")}` : count(got, plain(column), many(column))),
  apart: (column, got, items) => {
    if (got >= items) return `no two of one ${plain(column)}`;
    return got < 2 ? `two of one ${plain(column)} side by side` : `no two of one ${plain(column)} within ${got} places`;
  },
  floor: (_, got) => (got > 0 ? `nothing below ${percent(got)} relevance` : null),
};

function costs(cost) {
  if (cost < 0.0005) return "costs no expected relevance";
  return `costs ${cost < 0.01 ? "less than 1\u00a0%" : percent(cost)} of expected relevance`;
}

/** Say what a slate with so many kinds of goods is, what it costs and, of what was wished for, what gave way. */
export function tellTerms({ terms, items }, kinds, wished) {
  const empty = !items.length;
  put(at("achieved"), empty ? "" : inWords(terms, items.length, kinds));
  const gaveWay = empty || !terms ? [] : terms.gave_way.filter((one) => wished || one.part !== "items");
  at("gave").replaceChildren(...(gaveWay.length ? [note(gaveWay)] : []));
  at("meters").hidden = empty || !terms;
  if (at("meters").hidden) return;
  at("varied").hidden = terms.achieved.redundancy === undefined;
  point("varied", variety(terms));
  point("cost", terms.cost);
}

function inWords(terms, shown, kinds) {
  const goods = count(shown, "product", "products");
  const ofKinds = kinds ? `${goods} of ${count(kinds, "kind", "kinds")}` : goods;
  if (!terms) return `${ofKinds}.`;
  const parts = Object.entries(terms.achieved).map(([name, got]) => {
    const [part, column] = split(name);
    return ACHIEVED[part](column, got, shown);
  });
  const counted = "at_least category" in terms.achieved;
  const told = [...new Set([counted ? goods : ofKinds, ...parts, likeness(terms.achieved)])].filter(Boolean);
  return `${told.join(", ")}; ${costs(terms.cost)}.`;
}

const likeness = ({ redundancy }) => (redundancy === undefined ? null : `likeness ${Math.max(0, redundancy).toFixed(2)}`);
const variety = ({ achieved }) => Math.min(1, Math.max(0, 1 - (achieved.redundancy ?? 0)));

function point(name, share) {
  const gauge = at(name);
  gauge.querySelector("b").textContent = percent(share);
  gauge.querySelector(".level").style.width = `${100 * share}%`;
  gauge.querySelector("[role=meter]").setAttribute("aria-valuenow", Math.round(100 * share));
}

/** Mark where the scales stand while nothing is wished for. */
export function markUsual({ terms }) {
  if (!terms) return;
  for (const [name, share] of [["varied", variety(terms)], ["cost", terms.cost]]) {
    const tick = at(name).querySelector(".tick");
    tick.hidden = false;
    tick.style.left = `${100 * share}%`;
  }
  at("usual").textContent = `The marks: as the shop sets it, ${percent(variety(terms))} and ${percent(terms.cost)}.`;
}

// What gave way

const WANTED = {
  items: (_, wanted) => count(wanted, "product", "products"),
  at_least: (column, wanted) => (column === "price" ? `prices in ${wanted} bands` : `at least ${wanted} different ${many(column)}`),
  apart: (column, wanted) => `no two of one ${plain(column)} within ${wanted} places`,
  floor: (_, wanted) => `relevance of at least ${percent(wanted)}`,
};

const GOT = {
  items: (got) => `the slate has ${got}`,
  at_least: (got) => `the slate has ${got}`,
  apart: (got) => (got < 2 ? "two stand side by side" : `the nearest two are ${got} places apart`),
  floor: (got) => `the least has ${percent(got)}`,
};

const reason = (why) => why.replace(/at_most (.+?)=(\d+)/g, (_, column, most) => `at most ${most} of one ${plain(column)}`);

function note(gaveWay) {
  const lines = gaveWay.map(({ part, wanted, got, why }) => {
    const [name, column] = split(part);
    const asked = capital(WANTED[name](column, wanted));
    return make("li", {}, make("b", {}, asked), `: ${GOT[name](got)}. ${capital(reason(why))}.`);
  });
  return make("div", { class: "note" }, make("p", { class: "note-title" }, "The goods cannot meet all of that, so the nearest is shown."), make("ul", {}, ...lines));
}
