import { address, ask, at, complain, count, inPath, lay, person, stripes } from "./shop.js";
import { onWish, wish } from "./wish.js";

let asked = 0;

async function show() {
  const mine = ++asked;
  const { diversity, at_most } = wish();
  const [column, most] = Object.entries(at_most)[0] ?? [];
  const fields = { k: 12, diversity, at_most: column && `${column}:${most}` };
  const slate = await ask(address(`/api/recommend/${inPath(person.id)}`, fields));
  if (mine !== asked) return;
  const change = lay(at("slate"), slate, show);
  const kinds = stripes(at("strip"), slate);
  at("changed").textContent = told(change, kinds, slate.items.length);
}

function told(change, kinds, shown) {
  if (!shown) return "Nothing is left that you do not have.";
  if (change.first) return `${count(shown, "product", "products")}, ${count(kinds, "kind", "kinds")}.`;
  if (!change.came && !change.moved && !change.went) return `Nothing changed; ${count(kinds, "kind", "kinds")} of goods.`;
  return `${change.came} came, ${change.went} went, ${change.moved} moved; now ${count(kinds, "kind", "kinds")} of goods.`;
}

onWish(() => show().catch(complain));
show().catch(complain);
