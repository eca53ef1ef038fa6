// The inspector: the app's connections, statuses and traffic log, and buttons that inject faults.
import { fill, node, post } from "/dom.js";
import { concerns, rows } from "/traffic.js";

const kept = 1500;
const shownRows = 250;
const socketFaults = [
  ["Drop one", { do: "drop", which: "one" }, "Reset one connection"],
  ["Drop all", { do: "drop" }, "Reset every connection"],
  ["Stall one", { do: "stall", which: "one" }, "Leave one connection open and silent"],
  ["Refresh", { do: "refresh", which: "one" }, "Ask the app to reconnect, as Slack does every hour"],
  ["Refuse 3 dials", { do: "refuse_upgrades", status: 503, times: 3 }, "Answer the next three connections with 503"],
];
const callFaults = [
  ["429", { kind: "status", status: 429, retry_after: 3 }, "The next call is rate limited for 3 s"],
  ["500", { kind: "status", status: 500 }, "The next call fails"],
  ["Lost reply", { kind: "lost_reply" }, "The next call is carried out, its answer is lost"],
  ["Stall 10 s", { kind: "hang", seconds: 10 }, "The next call gets no answer for 10 s"],
];

export class Inspector {
  constructor(element, frame) {
    Object.assign(this, { element, frame, entries: [], state: null, unfolded: new Set() });
    this.sockets = node("ul", { class: "sockets" });
    this.doing = node("ul", { class: "doing" });
    this.waiting = node("p", { class: "waiting", role: "status" });
    this.method = node("select", { "aria-label": "Calls of" },
      ["chat.postMessage", "chat.update", "chat.postEphemeral", "chat.appendStream", "users.info", "response_url", "*"].map((name) =>
        node("option", { value: name }, name === "*" ? "any method" : name)));
    this.kind = node("select", { "aria-label": "Kind", onchange: () => this.draw() },
      [["", "Everything"], ["call", "Calls"], ["envelope", "Envelopes"], ["socket", "Sockets"], ["bad", "Problems"]].map(([value, words]) =>
        node("option", { value }, words)));
    this.only = node("input", { type: "checkbox", onchange: () => this.draw() });
    this.search = node("input", { type: "search", placeholder: "Filter", "aria-label": "Filter", oninput: () => this.draw() });
    this.total = node("span", { class: "total" });
    this.log = node("div", { class: "log", role: "log", "aria-label": "Traffic log", tabindex: 0 });
    const fault = (path, make) => ([words, order, title]) => node("button", { type: "button", title, onclick: async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try { await post(path, make(order)); } catch { /* The banner shows that the workspace is unavailable. */ }
      button.disabled = false;
      this.ask();
    } }, words);
    element.append(
      node("div", { class: "desk" },
        node("section", {}, node("h3", {}, "Connections"), this.sockets),
        node("section", {}, node("h3", {}, "Doing now"), this.doing),
        node("section", {}, node("h3", {}, "Break a socket"), node("div", { class: "faults" },
          socketFaults.map(fault("/_control/sockets", (order) => order)))),
        node("section", {}, node("h3", {}, "Break the next call of ", this.method), node("div", { class: "faults" },
          callFaults.map(fault("/_control/faults", (order) => ({ method: this.method.value, ...order }))),
          node("button", { type: "button", onclick: async () => { await post("/_control/faults", {}, "DELETE"); this.ask(); } }, "Mend all")), this.waiting)),
      node("div", { class: "traffic" },
        node("div", { class: "filters" }, node("h3", {}, "Traffic log"), this.kind,
          node("label", {}, this.only, "This thread only"), this.search, this.total), this.log));
  }

  forget() {
    this.entries = [];
    this.unfolded.clear();
  }

  /** Requests new entries and the state, if the inspector is open; then every 5 s. */
  look(moment) {
    if (this.element.hidden) return;
    this.ask();
    clearInterval(this.timer);
    // The event stream does not report pongs.
    this.timer = setInterval(() => { if (this.element.hidden) clearInterval(this.timer); else this.ask(); }, 5000);
    this.moment = moment;
  }

  async ask() {
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    try {
      do {
        this.again = false;
        const after = this.entries.at(-1)?.number ?? 0;
        const [state, journal] = await Promise.all(["/_control/state", `/_control/journal?after=${after}&limit=500`].map(async (path) => (await fetch(path)).json()));
        this.state = state;
        const known = this.entries.at(-1)?.number ?? 0;
        this.entries = [...this.entries, ...journal.entries.filter((one) => one.number > known)].slice(-kept);
        this.draw();
      } while (this.again);
    } catch { /* The banner shows that the workspace is unavailable. */ } finally { this.asking = false; }
  }

  names(id) {
    if (typeof id !== "string") return "";
    const view = this.frame.panes[0]?.view;
    const channel = view?.channels.find((one) => one.id === id && one.kind !== "im");
    const person = view?.people.find((one) => one.id === id || one.id.slice(2) === /^D0(\w+)/.exec(id)?.[1]);
    if (channel) return `#${channel.name}`;
    return person ? `${id.startsWith("D0") ? "DM of " : ""}@${person.name}` : id;
  }

  draw() {
    if (this.element.hidden || !this.state) return;
    this.drawDesk();
    const names = (id) => this.names(id);
    const pane = this.frame.focused;
    const timestamps = new Set(pane?.thread && pane.view
      ? pane.view.messages.filter((one) => one.ts === pane.thread || one.thread_ts === pane.thread).map((one) => one.ts) : []);
    this.only.disabled = !timestamps.size;
    const wanted = this.search.value.toLowerCase();
    const isShown = (one) => (!this.kind.value || one.kind === this.kind.value || (this.kind.value === "bad" && one.isBad))
      && (!this.only.checked || !timestamps.size || concerns(one.entry.detail, timestamps))
      && (!wanted || `${one.name} ${one.about} ${one.outcome}`.toLowerCase().includes(wanted));
    const all = rows(this.entries, names);
    const shown = all.filter(isShown);
    this.total.textContent = `${shown.length} of ${all.length}`;
    fill(this.log, shown.slice(-shownRows).map((one) => ({
      key: one.entry.number, sign: [one.outcome, one.about, this.unfolded.has(one.entry.number)].join("|"), make: () => this.line(one),
    })), "traffic");
  }

  line(one) {
    const { number, time } = one.entry;
    const stamp = new Date(Number(time) * 1000);
    const isOpen = this.unfolded.has(number);
    const words = `${stamp.toLocaleTimeString([], { hour12: false })}.${String(stamp.getMilliseconds()).padStart(3, "0")}`;
    const button = node("button", { type: "button", "aria-expanded": String(isOpen), onclick: () => {
      if (!this.unfolded.delete(number)) this.unfolded.add(number);
      this.draw();
    } }, node("time", {}, words),
    node("span", { class: `way ${one.way}`, title: one.way === "in" ? "Slack to app" : "App to Slack" }, one.way === "in" ? "→ app" : "← app"),
    node("span", { class: "name" }, one.name), node("span", { class: "about" }, one.about), node("span", { class: "outcome" }, one.outcome));
    const text = isOpen ? JSON.stringify(one.answered ? { sent: one.entry.detail, answered: one.answered.detail } : one.entry.detail, null, 2) : null;
    return node("div", { class: `line ${one.kind}${one.isBad ? " bad" : ""}` }, button, text ? node("pre", {}, text) : null);
  }

  drawDesk() {
    const { state } = this;
    const sockets = state.sockets.map((one) => node("li", { class: one.live ? "live" : "" }, `Socket ${one.number}`,
      node("span", {}, one.live ? `live · ${one.silent_seconds < 1 ? "answered just now" : `answered ${one.silent_seconds} s ago`}` : "no hello yet")));
    if (state.unused_urls) sockets.push(node("li", {}, "Dialing", node("span", {}, `${state.unused_urls} asked for, not yet open`)));
    this.sockets.replaceChildren(...(sockets.length ? sockets : [node("li", { class: "none" }, "The app has no connection.")]));
    const doing = Object.entries(state.statuses).map(([key, words]) => node("li", {}, `${this.names(key.split(":")[0])}: ${words}`));
    for (const message of this.frame.panes[0]?.view?.messages ?? []) {
      if (message.streaming) doing.push(node("li", {}, `${this.names(message.channel)}: streams a message`));
    }
    this.doing.replaceChildren(...(doing.length ? doing : [node("li", { class: "none" }, "No status line, no open stream.")]));
    this.waiting.textContent = state.faults.map((one) => `${one.method}: ${one.kind}${one.times > 1 ? ` ×${one.times}` : ""}`).join(", ");
  }
}
