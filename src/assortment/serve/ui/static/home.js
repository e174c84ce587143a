import { address, ask, at, eager, inPath, lay, person, put, stripes, trouble } from "./shop.js";
import { markUsual, tellTerms } from "./terms.js";
import { fields, follow, isSet, onWish, wish } from "./wish.js";

const show = eager(async () => {
  const wished = wish();
  try {
    const slate = await ask(address(`/api/recommend/${inPath(person.id)}`, { k: 12, ...fields(wished) }));
    const change = lay(at("slate"), slate, show);
    const kinds = stripes(at("strip"), slate);
    if (!isSet(wished)) markUsual(slate);
    if (slate.terms) follow(slate.terms.diversity);
    tellTerms(slate, kinds, isSet(wished));
    put(at("changed"), told(change, slate.items.length));
  } catch (error) {
    trouble(at("slate"), error, show);
  }
});

function told(change, shown) {
  if (!shown) return "Nothing is left that you do not have.";
  if (change.first) return "";
  if (!change.came && !change.moved && !change.went) return "Nothing changed.";
  return `${change.came} came, ${change.went} went, ${change.moved} moved.`;
}

onWish(show);
show();
