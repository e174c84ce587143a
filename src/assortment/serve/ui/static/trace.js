import { address, ask, at, complain, count, eager, inPath, later, loud, make, person } from "./shop.js";
import { hueOf, paint } from "./tiles.js";
import { onWish, wish } from "./wish.js";

const SVG = "http://www.w3.org/2000/svg";
const ROWS = 15;

function shape(tag, attributes, ...inside) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

const show = eager(() => trace().catch(complain));

async function trace() {
  const about = at("about").value.trim();
  const body = { user: person.id, k: Number(at("k").value) || 10, about: about ? [about] : [], query: at("query").value, wish: wish() };
  const traced = await ask("/api/trace", { method: "POST", body });
  const last = traced.stages.at(-1);
  at("changed").textContent = `${count(traced.stages.length, "stage", "stages")}, ${traced.milliseconds.toFixed(1)} ms in all, ${count(last?.count ?? 0, "product", "products")} on the slate.`;
  at("way").replaceChildren(drawn(traced.stages, body.k));
  const open = [...at("stages").querySelectorAll("details")].map((stage) => stage.open);
  at("stages").replaceChildren(...traced.stages.map((stage, place) => told(stage, place, traced, open)));
}

// The way of each item: its place after every stage, down a scale that gives the first places most room

function drawn(stages, k) {
  const final = stages.at(-1)?.items.slice(0, k) ?? [];
  const deepest = Math.max(2, ...stages.flatMap((stage) => final.map((item) => placeIn(stage, item.item) ?? 1)));
  const [wide, high, left, right, top] = [1080, Math.max(260, 26 * final.length + 90), 80, 330, 64];
  const x = (stage) => (stages.length > 1 ? left + (stage * (wide - left - right)) / (stages.length - 1) : left);
  const y = (place) => top + ((high - top - 24) * Math.log(place)) / Math.log(deepest);
  const label = (place) => top + ((high - top - 24) * (place - 0.5)) / Math.max(1, final.length);
  const rails = stages.map((stage, number) => {
    const middle = { x: x(number), "text-anchor": "middle" };
    return shape(
      "g",
      {},
      shape("line", { x1: x(number), x2: x(number), y1: top - 8, y2: high - 14, class: "rail" }),
      shape("text", { ...middle, y: 24, class: "stage-name" }, stage.stage),
      shape("text", { ...middle, y: 42, class: "note" }, `${stage.count} · ${stage.milliseconds.toFixed(1)} ms`),
    );
  });
  const ways = final.map((item, row) => wayOf(item, row, stages, { x, y, label, rows: final.length, across: wide - right + 16 }));
  const picture = shape("svg", { viewBox: `0 0 ${wide} ${high}`, class: "way", role: "img" }, ...rails, ...ways);
  picture.setAttribute("aria-label", `The places of ${final.length} products after each of ${stages.length} stages`);
  return picture;
}

const placeIn = (stage, item) => stage.items.find((step) => step.item === item)?.place;

function wayOf(item, row, stages, { x, y, label, rows, across }) {
  const points = stages.map((stage, number) => [number, placeIn(stage, item.item)]).filter(([, place]) => place);
  const dots = points.map(([number, place]) => [x(number), stages[number].count > rows ? y(place) : label(place), place]);
  const curve = dots.map(([right, down], n) => {
    if (!n) return `M${right} ${down}`;
    const [left, above] = dots[n - 1];
    const middle = (left + right) / 2;
    return `C${middle} ${above} ${middle} ${down} ${right} ${down}`;
  });
  const name = item.title === item.title.toUpperCase() ? item.title.charAt(0) + item.title.slice(1).toLowerCase() : item.title;
  const words = `${row + 1}  ${name.length > 38 ? `${name.slice(0, 37)}…` : name}`;
  const group = shape(
    "g",
    { class: "item", tabindex: 0 },
    shape("title", {}, `${item.title}: ${dots.map(([, , place]) => place).join(" → ")}`),
    shape("path", { d: curve.join(""), class: "path" }),
    ...dots.map(([right, down]) => shape("circle", { cx: right, cy: down, r: 5, class: "dot" })),
    shape("text", { x: across, y: label(row + 1) + 4 }, words),
  );
  group.style.setProperty("--h", hueOf(item.category || item.title));
  return group;
}

// One stage

function told(stage, place, trace, open) {
  const bar = make("span");
  bar.style.width = `${Math.max(2, (90 * stage.milliseconds) / Math.max(...trace.stages.map((one) => one.milliseconds)))}px`;
  const number = (name, value) => make("span", { class: name }, make("b", {}, String(value)), ` ${name}`);
  const summary = make(
    "summary",
    {},
    make("span", { class: "number" }, String(place + 1)),
    make("h3", {}, stage.stage),
    make("span", { class: "counts" }, number("items", stage.count), number("came", stage.came), number("went", stage.went), number("moved", stage.moved)),
    make("span", { class: "took" }, bar, `${stage.milliseconds.toFixed(2)} ms`),
  );
  const box = make("details", { class: "stage" }, summary, make("div", { class: "inside" }, table(stage), ...goners(stage)));
  box.open = open[place] ?? place === trace.stages.length - 1;
  return box;
}

function table(stage) {
  const noted = Object.keys(stage.items[0]?.notes ?? {});
  const parts = noted.filter((name) => name.startsWith("z:"));
  const notes = noted.filter((name) => !name.includes(":"));
  const head = ["", "", "", "product", "score", ...parts.map((name) => name.slice(2)), ...notes];
  const digits = (place) => (place === 0 || (place >= 4 && place < 5 + parts.length) ? "digits" : "");
  const rows = stage.items.slice(0, ROWS).map((step) => rowOf(step, parts, notes));
  const body = make("tbody", {}, ...rows);
  const whole = make("table", {}, make("thead", {}, make("tr", {}, ...head.map((name, place) => make("th", { class: digits(place), scope: "col" }, name)))), body);
  if (stage.items.length <= ROWS) return whole;
  const more = make("button", { type: "button", class: "quiet" }, `The next ${stage.items.length - ROWS}`);
  more.addEventListener("click", () => {
    body.append(...stage.items.slice(ROWS).map((step) => rowOf(step, parts, notes)));
    more.remove();
  });
  return make("div", {}, whole, more);
}

function rowOf(step, parts, notes) {
  const tile = make("span", { class: "tile mini" });
  paint(tile, step);
  const link = make("a", { href: address(`/items/${inPath(step.item)}`), class: loud(step.title) ? "loud" : "" }, step.title);
  return make(
    "tr",
    {},
    make("td", { class: "digits" }, String(step.place)),
    movedBy(step),
    make("td", {}, tile),
    make("td", { class: "wide" }, link),
    make("td", { class: "digits" }, short(step.score)),
    ...parts.map((name) => make("td", { class: "digits" }, heat(step.notes[name]))),
    ...notes.map((name) => make("td", { class: name === "why" ? "wide" : "" }, short(step.notes[name]))),
  );
}

function movedBy({ was, place }) {
  if (was === null) return make("td", { class: "up" }, "came");
  if (was === place) return make("td", {}, "");
  return make("td", { class: was > place ? "up" : "down" }, `${was > place ? "↑" : "↓"}${Math.abs(was - place)}`);
}

const short = (value) => (typeof value === "number" ? String(Math.round(1000 * value) / 1000) : String(value ?? ""));

function heat(value) {
  const cell = make("span", { class: "heat" }, typeof value === "number" ? value.toFixed(2) : "");
  const strength = Math.min(1, Math.abs(value ?? 0) / 3);
  cell.style.background = `oklch(0.7 0.13 ${value > 0 ? 165 : 40} / ${Math.round(60 * strength)}%)`;
  return cell;
}

function goners(stage) {
  if (!stage.gone.length) return [];
  const some = stage.gone.slice(0, 12).map((item) => make("span", { class: loud(item.title) ? "loud" : "" }, item.title, make("small", {}, item.rule ? ` · ${item.rule}` : "")));
  const rest = stage.went - some.length;
  return [make("p", { class: "goners" }, "Went: ", ...some, rest > 0 ? ` and ${rest} more` : "")];
}

onWish(show);
const soon = later(show, 250);
for (const field of ["k", "about", "query"]) at(field).addEventListener("input", soon);
at("ask").addEventListener("submit", (sent) => sent.preventDefault());
show();
