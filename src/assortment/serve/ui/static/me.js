import { address, ask, at, becomeGuest, complain, count, inPath, loud, make, person, say } from "./shop.js";
import { paint, tint } from "./tiles.js";

const DID = { view: "looked at", click: "clicked", favourite: "liked", cart: "put in the basket", purchase: "bought", rating: "rated", share: "shared", comment: "commented on", hide: "hid", return: "returned" };
const day = (time) => new Date(time).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });

function row(item, ...more) {
  const tile = make("span", { class: "tile mini" });
  paint(tile, item);
  const link = make("a", { href: address(`/items/${inPath(item.item)}`), class: loud(item.title) ? "loud" : "" }, item.title);
  return make("li", {}, tile, make("span", {}, link, ...more));
}

async function show() {
  const portrait = await ask(`/api/users/${inPath(person.id)}`);
  at("summary").textContent = portrait.known
    ? `${count(portrait.owned.length, "product", "products")} owned; last here ${day(portrait.last)}.`
    : "Nothing yet. What you look at, like or buy will be here.";
  const tastes = Object.entries(portrait.tastes).map(([kind, share]) => {
    const bar = make("dd", {}, make("span", {}), `${Math.round(100 * share)} %`);
    bar.firstChild.style.width = `${100 * share}%`;
    tint(bar.firstChild, kind);
    return [make("dt", {}, kind), bar];
  });
  at("tastes").replaceChildren(...tastes.flat());
  at("tastes").parentElement.hidden = !tastes.length;
  at("recent").replaceChildren(
    ...portrait.recent.slice(0, 30).map((deed) => row(deed, make("small", {}, `${DID[deed.kind]} · ${day(deed.time)}`))),
  );
  at("recent").parentElement.hidden = !portrait.recent.length;
  at("refused").replaceChildren(...portrait.refused.map((item) => row(item)));
  at("refused").parentElement.hidden = !portrait.refused.length;
}

at("forget").addEventListener("click", async () => {
  if (!confirm(`Remove all that the shop holds of ${person.name}? It cannot be undone.`)) return;
  try {
    await ask(`/api/users/${inPath(person.id)}`, { method: "DELETE" });
    say("Forgotten.");
    if (person.name === "Guest") becomeGuest();
    else await show();
  } catch (error) {
    complain(error);
  }
});
show().catch(complain);
