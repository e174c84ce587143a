// What the person wishes: the slider and the clauses of the contract, which the address of the page keeps.

import { at, later, make, say } from "./shop.js";

const PARTS = ["at_most", "at_least", "apart"];
const SLIDERS = { diversity: "amount", floor: "least" };
const rows = () => [...at("wish").querySelectorAll(".clause")];
const columnOf = (row) => row.dataset.column ?? row.querySelector(".column").value;
const chosen = (name) => (at(name).dataset.chosen ? Number(at(name).value) : null);

/** The wish as the API has it; what is left to the shop is null or not in it. */
export function wish() {
  const wished = { diversity: chosen("diversity"), at_most: {}, at_least: {}, apart: {}, floor: chosen("floor") };
  for (const row of rows()) {
    const amount = row.querySelector(".amount").value;
    if (amount) wished[row.dataset.part][columnOf(row)] = Number(amount);
  }
  return wished;
}

/** The same as fields of an address. */
export function fields({ diversity, floor, ...parts }) {
  const clauses = PARTS.map((part) => [part, Object.entries(parts[part]).map(([column, amount]) => `${column}:${amount}`)]);
  return { diversity, ...Object.fromEntries(clauses), floor };
}

export const isSet = (wished) => Object.values(fields(wished)).some((value) => value !== null && value.length !== 0);

/** Let the slider stand where it was answered that it stands, while it is left to the shop. */
export function follow(diversity) {
  if (!at("diversity").dataset.chosen) at("diversity").value = diversity;
}

/** Act whenever the wish is another one. */
export function onWish(act) {
  let last = JSON.stringify(wish());
  const changed = () => {
    const now = JSON.stringify(wish());
    tellForm();
    if (now === last) return;
    last = now;
    keep();
    act();
  };
  at("wish").addEventListener("input", (entered) => {
    if (entered.target.type === "range") choose(entered.target.id, entered.target.value);
    changed();
  });
  at("wish").addEventListener("click", (pressed) => {
    if (pressed.target.classList.contains("another")) addAfter(pressed.target.closest(".clause"));
  });
  at("unset").addEventListener("click", () => {
    unset();
    changed();
    at("diversity").focus();
  });
}

function choose(name, value) {
  at(name).value = value;
  at(name).dataset.chosen = "yes";
  tellSlider(name, `${Math.round(100 * at(name).value)} %`);
}

function tellSlider(name, said) {
  at(SLIDERS[name]).textContent = said;
  at(name).setAttribute("aria-valuetext", said);
}

function unset() {
  for (const name of Object.keys(SLIDERS)) {
    delete at(name).dataset.chosen;
    at(name).value = at(name).defaultValue;
    tellSlider(name, "as the shop sets it");
  }
  for (const row of rows()) {
    if (row.dataset.added) row.remove();
    row.querySelector(".amount").value = "";
  }
}

/** Another row of the same part, for a column that none of its rows has yet. */
function addAfter(row, column) {
  const more = row.cloneNode(true);
  more.dataset.added = "yes";
  more.querySelector(".amount").value = "";
  const taken = rows().filter((one) => one.dataset.part === row.dataset.part).map(columnOf);
  const free = [...more.querySelectorAll(".column option")].map((option) => option.value).find((one) => !taken.includes(one));
  pick(more.querySelector(".column"), column ?? free ?? taken[0]);
  row.after(more);
  more.querySelector("select").focus();
  tellForm();
  return more;
}

/** Choose a value of a list, which gets it where it has not. */
function pick(list, value) {
  if (![...list.options].some((option) => option.value === value)) list.append(make("option", { value }, value));
  list.value = value;
}

function tellForm() {
  const wished = wish();
  const clauses = PARTS.reduce((sum, part) => sum + Object.keys(wished[part]).length, wished.floor === null ? 0 : 1);
  at("count").textContent = clauses ? `${clauses} set` : "";
  at("unset").hidden = !isSet(wished);
  for (const row of rows()) {
    const button = row.querySelector(".another");
    if (button) button.hidden = !row.querySelector(".amount").value;
  }
}

// The address of the page

const keep = later(() => {
  const here = new URL(location.href);
  for (const [name, value] of Object.entries(fields(wish()))) {
    here.searchParams.delete(name);
    for (const one of [value ?? []].flat()) here.searchParams.append(name, one);
  }
  history.replaceState(null, "", here);
}, 300);

function recall() {
  const given = new URLSearchParams(location.search);
  for (const name of Object.keys(SLIDERS)) if (given.has(name)) recallSlider(name, given.get(name));
  for (const part of PARTS) for (const clause of given.getAll(part)) recallClause(part, clause);
  at("more").open = given.has("floor") || PARTS.some((part) => given.has(part));
  tellForm();
}

function recallSlider(name, value) {
  if (/^[01]?\.?\d+$/.test(value) && Number(value) <= 1) choose(name, value);
  else say(`${name}=${value} in the address is not a number from 0 to 1; it is left aside.`, "bad");
}

function recallClause(part, clause) {
  const [, column, amount] = /^(.+):(\d*\.?\d+)$/.exec(clause) ?? [];
  if (!column) return say(`${part}=${clause} in the address is not COLUMN:NUMBER; it is left aside.`, "bad");
  const same = rows().filter((row) => row.dataset.part === part);
  const fixed = same.find((row) => row.dataset.column === column);
  const open = same.filter((row) => !row.dataset.column);
  if (!fixed && !open.length) return;
  const row = fixed ?? open.find((one) => !one.querySelector(".amount").value) ?? addAfter(open.at(-1), column);
  if (!fixed) pick(row.querySelector(".column"), column);
  pick(row.querySelector(".amount"), amount);
}

recall();
