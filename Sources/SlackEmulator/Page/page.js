// The page: panes of several users side by side, and the event stream that reports changes of the workspace.
import { Inspector } from "/inspector.js";
import { Pane } from "/pane.js";
import { node } from "/dom.js";

const by = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
let panes = [];
let moment = {};

const frame = {
  get panes() { return panes; },
  beside: add,
  close,
  drawn,
  /** The pane that had the focus last: the inspector filters by its thread. */
  focused: null,
};
const inspector = new Inspector(by("inspector"), frame);

function add(as, start = {}) {
  const pane = new Pane(frame, as, start);
  panes.push(pane);
  frame.focused ??= pane;
  by("panes").append(pane.element);
  pane.look();
}

function close(pane) {
  pane.element.remove();
  panes = panes.filter((one) => one !== pane);
  if (frame.focused === pane) frame.focused = panes[0];
  for (const one of panes) one.draw();
}

/** Called after a pane was drawn: updates title, address and the list of users to add. */
function drawn() {
  const [first] = panes;
  if (!first?.view) return;
  const shown = panes.filter((pane) => pane.view).map((pane) => pane.person(pane.view.viewer).name);
  const fresh = first.view.channels.reduce((sum, channel) => sum + first.unread.count(channel), 0);
  by("team").textContent = first.view.team;
  document.title = `${fresh ? `(${fresh}) ` : ""}${first.view.team}: local workspace`;
  if (shown.length === panes.length) {
    history.replaceState(null, "", `/?as=${shown.join(",")}`);
    sessionStorage.setItem("as", shown.join(","));
  }
  const others = first.view.people.filter((one) => !["app", "deactivated"].includes(one.role) && !shown.includes(one.name));
  by("beside").replaceChildren(node("option", { value: "" }, "Add a person beside…"),
    ...others.map((one) => node("option", { value: one.name }, one.realName)));
  by("beside").disabled = !others.length;
  inspector.draw();
}

by("beside").addEventListener("change", (event) => {
  if (event.target.value) add(event.target.value);
  event.target.value = "";
});

function inspect(isOpen) {
  by("inspector").hidden = !isOpen;
  by("inspect").setAttribute("aria-pressed", String(isOpen));
  sessionStorage.setItem("inspect", isOpen ? "yes" : "");
  inspector.look(moment);
}
by("inspect").addEventListener("click", () => inspect(by("inspector").hidden));

function showLink() {
  const { live, open } = moment;
  by("link").className = live ? "on" : "";
  by("link").textContent = live ? `App connected (${live})` : open ? "App is connecting" : "App not connected";
}

let lost = 0;
function listen() {
  const source = new EventSource("/events");
  source.onmessage = (event) => {
    const next = JSON.parse(event.data);
    const isOther = moment.workspace && moment.workspace !== next.workspace;
    if (lost || isOther) {
      by("banner").className = "good";
      by("banner").textContent = isOther ? "Connected again. The workspace was restarted and starts empty." : "Connected again.";
      setTimeout(() => { if (!lost) by("banner").hidden = true; }, 4000);
    }
    if (isOther) inspector.forget();
    const isNew = lost > 0 || isOther || moment.version !== next.version;
    lost = 0;
    moment = next;
    showLink();
    if (isNew) for (const pane of panes) pane.look();
    inspector.look(moment);
  };
  source.onerror = () => {
    source.close();
    lost += 1;
    by("banner").hidden = false;
    by("banner").className = "bad";
    by("banner").textContent = "Connection lost, retrying…";
    by("link").className = "";
    by("link").textContent = "Workspace not reachable";
    setTimeout(listen, Math.min(3000, 500 * lost));
  };
}

const permalink = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
const start = permalink
  ? { place: permalink[1], thread: wanted.get("thread_ts") ?? `${permalink[2]}.${permalink[3]}` }
  : { place: wanted.get("channel"), thread: wanted.get("thread") };
const people = (wanted.get("as") ?? sessionStorage.getItem("as") ?? "").split(",").filter(Boolean);
for (const [index, as] of (people.length ? people : [""]).entries()) add(as, index ? {} : start);
by("inspect").disabled = false;
if (sessionStorage.getItem("inspect") || wanted.has("inspect")) inspect(true);
listen();
