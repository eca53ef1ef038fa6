// The tabs of the app's direct messages: its Home, and the messages with the prompts that the app suggests.
import { block } from "/blocks.js";
import { node } from "/dom.js";

export class Home {
  constructor(pane) {
    Object.assign(this, { pane, isOpen: false });
    const tab = (words, isHome) => node("button", { type: "button", role: "tab", onclick: () => this.open(isHome) }, words);
    this.buttons = [tab("Home", true), tab("Messages", false)];
    this.tabs = node("div", { class: "tabs", role: "tablist", "aria-label": "Tabs of the app" }, this.buttons);
    this.view = node("div", { class: "home content" });
    this.prompts = node("div", { class: "prompts", role: "group", "aria-label": "Suggested prompts", hidden: true });
    this.element = node("div", { class: "list", role: "tabpanel", "aria-label": "Home", tabindex: 0, hidden: true }, this.view);
  }

  /** Slack tells the app of every opening, also of the tab that is open. */
  open(isHome) {
    this.isOpen = isHome;
    this.pane.act({ do: "open_home", tab: isHome ? "home" : "messages" });
    this.pane.draw();
  }

  draw(here) {
    if (here.kind !== "im") this.isOpen = false;
    this.tabs.hidden = here.kind !== "im";
    this.element.hidden = !this.isOpen;
    this.pane.list.hidden = this.isOpen;
    this.drawPrompts(here.kind === "im" && !this.isOpen ? this.pane.view.prompts : []);
    this.buttons.forEach((button, at) => button.setAttribute("aria-selected", String((at === 0) === this.isOpen)));
    const { home, viewer } = this.pane.view;
    const sign = JSON.stringify([viewer, home]);
    // An unchanged view keeps the reader's selection.
    if (sign === this.sign) return;
    this.sign = sign;
    const press = (element, action, value) => this.pane.act({ do: "press_home", action_id: action, value });
    this.view.replaceChildren(...home?.blocks?.map((source) => block(source, press)) ?? [
      node("p", {}, "The app has published no Home for you."),
    ]);
  }

  /** A press sends the prompt's message as the user's. */
  drawPrompts(prompts) {
    this.prompts.hidden = !prompts.length;
    const sign = JSON.stringify(prompts);
    if (sign === this.prompts.sign) return;
    this.prompts.sign = sign;
    this.prompts.replaceChildren(...prompts.map(({ title, message }) =>
      node("button", { type: "button", onclick: () => this.pane.send(message, null, []) }, title)));
  }
}
