import { act, address, ask, at, complain, inPath, lay, person, tell, trouble } from "./shop.js";
import { paint } from "./tiles.js";

const { item, title, category, image, cap } = at("product").dataset;
const slate = new URLSearchParams(location.search).get("slate");

async function similar() {
  const found = await ask(address(`/api/items/${inPath(item)}/similar`, { k: 6, user: person.id }));
  lay(at("similar"), found, show);
  return new Set(found.items.map((card) => card.item));
}

async function show() {
  const alike = await similar();
  const fields = { k: 12, about: item, diversity: 0.7, at_most: cap };
  const found = await ask(address(`/api/recommend/${inPath(person.id)}`, fields));
  const others = found.items.filter((card) => !alike.has(card.item)).slice(0, 6);
  lay(at("with"), { ...found, items: others }, show);
  at("with").parentElement.hidden = !others.length;
}

paint(at("tile"), { item, title, category, image });
for (const button of at("product").querySelectorAll(".deed")) {
  button.addEventListener("click", () => act(button, { item }, slate, show));
}

function failed(error) {
  trouble(at("similar"), error, again);
  at("with").parentElement.hidden = !at("with").children.length;
}

const again = () => show().catch(failed);
tell("view", item, slate).catch(complain).then(again);
