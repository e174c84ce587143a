// The variety slider and the cap: what the person wishes.

import { at, later } from "./shop.js";

export function wish() {
  const chosen = at("diversity").dataset.chosen;
  const most = at("most")?.value;
  return { diversity: chosen ? Number(at("diversity").value) : null, at_most: most ? { [at("column").value]: Number(most) } : {} };
}

export function onWish(act) {
  const soon = later(act, 60);
  at("diversity").addEventListener("input", () => {
    at("diversity").dataset.chosen = "yes";
    at("amount").textContent = `${Math.round(100 * at("diversity").value)} %`;
    soon();
  });
  at("most")?.addEventListener("change", soon);
  at("column")?.addEventListener("change", () => at("most").value && soon());
}
