// Creates elements. Text always becomes a text node; this page never parses HTML.

/** An element. `on…` attributes are listeners; null, undefined and false attributes and children are omitted. */
export function node(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button with the icon `icon-NAME` of the style sheet. */
export function iconButton(icon, label, onclick, more = {}) {
  return node("button", { type: "button", class: `icon icon-${icon}`, "aria-label": label, title: label, onclick, ...more });
}

export async function post(path, body, method = "POST") {
  const answer = await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/**
 * Updates a list's children to `rows` ({key, sign, make}). An element whose sign is unchanged stays, with its focus,
 * selection and input. The list stays scrolled to its end unless the reader has scrolled up. When `place` has changed
 * and the last row is taller than the list, the start of that row is shown.
 */
export function fill(list, rows, place) {
  const isNew = list.dataset.place !== place;
  const follows = isNew || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const top = list.scrollTop;
  const old = new Map(isNew ? [] : [...list.children].map((child) => [child.key, child]));
  list.dataset.place = place;
  if (isNew) list.replaceChildren();
  rows.forEach((row, index) => {
    let element = old.get(row.key);
    if (!element || element.sign !== row.sign) {
      element?.remove();
      element = row.make();
      element.key = row.key;
      element.sign = row.sign;
    }
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  while (list.children.length > rows.length) list.lastElementChild.remove();
  list.scrollTop = follows ? list.scrollHeight : top;
  const last = list.lastElementChild;
  if (isNew && last && last.offsetHeight > list.clientHeight - 40) last.scrollIntoView({ block: "start" });
}
