// The left side of a pane: the user, the channels, the other users.
import { iconButton, node } from "/dom.js";
import { face } from "/message.js";

export class Sidebar {
  constructor(pane) {
    this.pane = pane;
    this.who = node("select", { "aria-label": "Acting as", onchange: (event) => pane.become(event.target.value) });
    this.role = node("p", { class: "role" });
    this.face = node("div", { class: "me-face" });
    this.shut = iconButton("close", "Close this view", () => pane.frame.close(pane), { class: "icon icon-close shut" });
    this.channels = node("ul");
    this.direct = node("ul");
    this.others = node("ul");
    this.element = node("nav", { class: "side", "aria-label": "Channels and people" },
      node("div", { class: "me" }, this.face, node("div", {}, this.who, this.role), this.shut),
      node("section", {}, node("h2", {}, "Channels"), this.channels),
      node("section", {}, node("h2", {}, "Direct messages"), this.direct),
      node("section", { class: "others" }, node("h2", {}, "People"), this.others));
  }

  draw() {
    const { pane } = this;
    const { view } = pane;
    const people = view.people.filter((one) => one.role !== "app" && one.role !== "deactivated");
    if (this.names !== JSON.stringify(people)) {
      this.names = JSON.stringify(people);
      this.who.replaceChildren(...people.map((one) => node("option", { value: one.name }, one.realName)));
    }
    const me = pane.person(view.viewer);
    this.who.value = me.name;
    this.role.textContent = [me.email, me.role].filter(Boolean).join(", ") || "no email";
    this.face.replaceChildren(face(me));
    this.shut.hidden = pane.frame.panes.length < 2;
    const shown = pane.frame.panes.filter((one) => one.view).map((one) => one.view.viewer);
    const rows = [
      [this.channels, view.channels.filter((one) => one.kind !== "im").map((one) => this.place(one))],
      [this.direct, view.channels.filter((one) => one.kind === "im").map((one) => this.place(one))],
      [this.others, people.filter((one) => !shown.includes(one.id)).map((one) => this.other(one))],
    ];
    for (const [list, items] of rows) {
      // A redraw must not take the focus from a user who navigates the list by keyboard.
      const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
      list.replaceChildren(...items);
      if (at >= 0) list.querySelectorAll("button")[at]?.focus();
      list.parentElement.hidden = !items.length;
    }
  }

  place(channel) {
    const { pane } = this;
    const count = pane.unread.count(channel);
    const isFresh = count > 0 || pane.unread.inChannel(channel.id).length > 0;
    const mark = { im: "mark app", group: "mark lock" }[channel.kind] ?? "mark";
    return node("li", {}, node("button", {
      type: "button", "aria-current": channel.id === pane.place ? "true" : null, class: isFresh ? "fresh" : null,
      "data-place": channel.name, onclick: () => pane.go(channel.id),
    }, node("span", { class: mark, "aria-hidden": "true" }, { im: pane.person(pane.view.bot).realName[0], group: "" }[channel.kind] ?? "#"),
    node("span", { class: "name" }, channel.kind === "im" ? pane.person(pane.view.bot).realName : channel.name),
    channel.kind === "group" ? node("span", { class: "hidden" }, " (private)") : null,
    count ? node("span", { class: "count", "aria-label": `${count} new` }, count) : null,
    channel.hasBot ? null : node("span", { class: "note" }, "no app")));
  }

  other(person) {
    return node("li", {}, node("button", {
      type: "button", title: `Show ${person.realName}'s view beside this one`, "aria-label": `Show ${person.realName}'s view beside`,
      onclick: () => this.pane.frame.beside(person.name),
    }, face(person), node("span", { class: "name" }, person.realName), node("span", { class: "note" }, person.role || "beside")));
  }
}
