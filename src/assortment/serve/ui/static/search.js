import { address, ask, at, complain, count, lay, person, stripes } from "./shop.js";

const words = at("words").dataset.words.trim();

async function show() {
  const slate = await ask(address("/api/search", { q: words, k: 24, user: person.id }));
  lay(at("slate"), slate, show);
  stripes(at("strip"), slate);
  at("changed").textContent = slate.items.length ? `${count(slate.items.length, "product", "products")} found.` : "Nothing answers these words.";
}

if (words) show().catch(complain);
else at("strip").hidden = true;
