// The wish, while it is being made: each move of a slider is answered at once, and the address keeps what is wished.

const PARTS = ["at_most", "at_least", "apart"];
const SLIDERS = { diversity: "amount", floor: "least" };

/** Act at once, and once more for all the calls that came meanwhile: one at a time, and at most ten a second. */
export function eager(act) {
  let acting = false;
  let again = false;
  return async () => {
    again = true;
    if (acting) return;
    acting = true;
    try {
      while (again) {
        again = false;
        await Promise.all([act(), new Promise((rested) => setTimeout(rested, 100))]);
      }
    } finally {
      acting = false;
    }
  };
}

/** Answer a form of wishes in place. */
export function wishing(form, { fetched, put }) {
  const at = (id) => document.getElementById(id);
  const rows = () => [...form.querySelectorAll(".clause")];
  const columnOf = (row) => row.dataset.column ?? row.querySelector(".column").value;

  /** What is wished, as fields of an address; what else the page was asked for stays in it. */
  function query() {
    const fields = new URLSearchParams(location.search);
    for (const name of [...PARTS, ...PARTS.map((part) => `${part}_of`), ...Object.keys(SLIDERS)]) fields.delete(name);
    if (at("diversity").dataset.chosen) fields.set("diversity", at("diversity").value);
    for (const part of PARTS)
      for (const row of rows().filter((one) => one.dataset.part === part && one.querySelector(".amount").value))
        fields.append(part, `${columnOf(row)}:${row.querySelector(".amount").value}`);
    if (at("floor").dataset.chosen) fields.set("floor", at("floor").value);
    for (const field of form.querySelectorAll("[data-field]")) field.value ? fields.set(field.name, field.value) : fields.delete(field.name);
    return fields.size ? `?${fields}` : "";
  }

  const address = () => location.pathname + query();
  let last = query();

  const show = eager(async () => {
    const asked = address();
    try {
      const change = put(await fetched(asked), form.dataset.wish || "slate");
      if (at("changed") && at("slate")) at("changed").textContent = told(change);
      at("slate")?.classList.remove("stale");
      history.replaceState(null, "", asked);
    } catch (error) {
      trouble(error);
    }
  });

  function changed() {
    tell();
    if (query() === last) return;
    last = query();
    show();
  }

  function trouble(error) {
    const again = document.createElement("button");
    Object.assign(again, { type: "button", className: "quiet", textContent: "Try again" });
    again.addEventListener("click", show);
    const said = document.createElement("p");
    said.textContent = error.message;
    const note = document.createElement("div");
    note.className = "note trouble";
    note.setAttribute("role", "alert");
    note.append(said, again);
    at("trouble").replaceChildren(note);
    at("slate")?.classList.add("stale");
  }

  function say(name, said) {
    at(SLIDERS[name]).textContent = said;
    at(name).setAttribute("aria-valuetext", said);
  }

  function tell() {
    const clauses = rows().filter((row) => row.querySelector(".amount").value).length + (at("floor").dataset.chosen ? 1 : 0);
    at("count").textContent = clauses ? `${clauses} set` : "";
    at("unset").hidden = !clauses && !at("diversity").dataset.chosen;
    for (const row of rows()) {
      const more = row.querySelector(".another");
      if (more) more.hidden = !row.querySelector(".amount").value;
    }
  }

  function unset() {
    for (const name of Object.keys(SLIDERS)) {
      delete at(name).dataset.chosen;
      at(name).value = at(name).dataset.usual;
      say(name, "as the shop sets it");
    }
    for (const row of rows()) {
      if (row.dataset.added) row.remove();
      row.querySelector(".amount").value = "";
    }
  }

  /** Another row of the same part, for a column that none of its rows has yet. */
  function addAfter(row) {
    const more = row.cloneNode(true);
    more.dataset.added = "yes";
    more.querySelector(".amount").value = "";
    const taken = rows().filter((one) => one.dataset.part === row.dataset.part).map(columnOf);
    const options = [...more.querySelectorAll(".column option")].map((option) => option.value);
    more.querySelector(".column").value = options.find((one) => !taken.includes(one)) ?? taken[0];
    row.after(more);
    more.querySelector("select").focus();
    tell();
  }

  form.addEventListener("input", (entered) => {
    if (entered.target.id in SLIDERS) {
      entered.target.dataset.chosen = "yes";
      say(entered.target.id, `${Math.round(100 * entered.target.value)}\u00a0%`);
    }
    changed();
  });
  form.addEventListener("submit", (sent) => {
    sent.preventDefault();
    show();
  });
  form.addEventListener("click", (pressed) => {
    if (pressed.target.classList.contains("another")) addAfter(pressed.target.closest(".clause"));
    if (pressed.target.id !== "unset") return;
    pressed.preventDefault();
    unset();
    changed();
    at("diversity").focus();
  });
  tell();
}

function told(change) {
  if (!change.came && !change.moved && !change.went) return "Nothing changed.";
  return `${change.came} came, ${change.went} went, ${change.moved} moved.`;
}
