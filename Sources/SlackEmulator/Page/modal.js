// Modals that the app opened for this user. They cover only the user's pane, so that other panes stay usable.
import { block } from "/blocks.js";
import { iconButton, node } from "/dom.js";

/** The control of an input element, and a function that returns its value in the form of `state.values`. */
function control(element, people) {
  const label = { "aria-label": element.placeholder?.text };
  const option = (value) => (element.options ?? []).find((one) => one.value === value) ?? null;
  const choose = (choices, initial) => {
    const box = node("select", label, node("option", { value: "" }, element.placeholder?.text ?? "Choose…"),
      choices.map(([value, words]) => node("option", { value }, words)));
    box.value = initial ?? "";
    return box;
  };
  switch (element.type) {
    case "static_select": case "overflow": case "radio_buttons": {
      const box = choose(element.options.map((one) => [one.value, one.text.text]), element.initial_option?.value);
      return [box, () => ({ type: element.type, selected_option: option(box.value) })];
    }
    case "users_select": {
      const box = choose(people.map((one) => [one.id, one.realName]), element.initial_user);
      return [box, () => ({ type: element.type, selected_user: box.value || null })];
    }
    case "checkboxes": {
      const boxes = element.options.map((one) => node("input", {
        type: "checkbox", value: one.value, checked: (element.initial_options ?? []).some((two) => two.value === one.value),
      }));
      const box = node("div", { class: "checks" }, boxes.map((one, at) => node("label", {}, one, element.options[at].text.text)));
      return [box, () => ({ type: element.type, selected_options: boxes.filter((one) => one.checked).map((one) => option(one.value)) })];
    }
    default: {
      const box = element.multiline ? node("textarea", { rows: 4, ...label }) : node("input", { type: element.type === "number_input" ? "number" : "text" });
      box.value = element.initial_value ?? "";
      box.placeholder = element.placeholder?.text ?? "";
      return [box, () => ({ type: element.type, value: box.value || null })];
    }
  }
}

export class Modals {
  constructor(pane) {
    this.pane = pane;
    this.element = node("div", { class: "veil", hidden: true, onkeydown: (event) => {
      if (event.key === "Escape") { event.stopPropagation(); this.close(); }
    } });
  }

  draw() {
    const view = this.pane.view.modals.at(-1);
    const sign = view ? JSON.stringify([view.id, view.blocks, view.title]) : "";
    if (sign === this.sign) return;
    this.sign = sign;
    this.element.hidden = !view;
    this.element.replaceChildren();
    if (!view) return;
    this.open(view);
  }

  open(view) {
    const people = this.pane.view.people.filter((one) => one.role !== "app");
    this.readers = {};
    const parts = view.blocks.map((source) => {
      if (source.type !== "input") return block(source, () => this.pane.notify("Buttons of a modal are not pressed here."), people);
      const [box, read] = control(source.element, people);
      this.readers[source.block_id] = { [source.element.action_id]: read };
      return node("div", { class: "field", "data-block": source.block_id },
        node("label", {}, node("span", {}, source.label.text, source.optional ? node("em", {}, " (optional)") : null), box),
        source.hint ? node("p", { class: "hint" }, source.hint.text) : null);
    });
    this.problem = node("p", { class: "failed", role: "alert", hidden: true });
    this.button = view.submit || Object.keys(this.readers).length
      ? node("button", { class: "primary" }, view.submit?.text ?? "Submit") : null;
    this.element.append(node("form", {
      class: "modal", role: "dialog", "aria-modal": "true", "aria-label": view.title.text,
      onsubmit: (event) => { event.preventDefault(); this.submit(view); },
    }, node("header", { class: "bar" }, node("h2", {}, view.title.text), iconButton("close", "Close", () => this.close())),
    node("div", { class: "fields-of-modal" }, parts, this.problem),
    node("footer", { class: "actions" }, node("button", { type: "button", onclick: () => this.close() }, view.close?.text ?? "Cancel"), this.button)));
    this.element.querySelector("input, textarea, select, footer button")?.focus();
  }

  close() {
    const view = this.pane.view.modals.at(-1);
    if (view) this.pane.act({ do: "close_view", view_id: view.id });
  }

  async submit(view) {
    const values = {};
    for (const [id, fields] of Object.entries(this.readers)) {
      values[id] = Object.fromEntries(Object.entries(fields).map(([action, read]) => [action, read()]));
    }
    for (const old of this.element.querySelectorAll(".field .failed")) old.remove();
    this.problem.hidden = true;
    this.button.disabled = true;
    const answer = await this.pane.act({ do: "submit_view", view_id: view.id, values });
    this.button.disabled = false;
    for (const [id, words] of Object.entries(answer.errors ?? {})) {
      this.element.querySelector(`[data-block="${CSS.escape(id)}"]`)?.append(node("p", { class: "failed", role: "alert" }, words));
    }
    if (answer.error) {
      this.problem.textContent = answer.error;
      this.problem.hidden = false;
    }
  }
}
