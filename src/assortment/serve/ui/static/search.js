import { address, ask, at, count, lay, person, stripes, trouble } from "./shop.js";

const words = at("words").dataset.words.trim();

const again = () => show().catch((error) => trouble(at("slate"), error, again));

async function show() {
  const slate = await ask(address("/api/search", { q: words, k: 24, user: person.id }));
  lay(at("slate"), slate, again);
  stripes(at("strip"), slate);
  at("changed").textContent = slate.items.length ? `${count(slate.items.length, "product", "products")} found.` : "Nothing answers these words.";
}

if (words) again();
else at("strip").hidden = true;
