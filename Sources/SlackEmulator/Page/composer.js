// The message box: Enter sends, Shift+Enter inserts a line break, ↑ recalls sent texts, `/` and `@` open the palette.
import { Attaching } from "/attaching.js";
import { node } from "/dom.js";
import { face } from "/message.js";

let number = 0;

export class Composer {
  /**
   * `send(text, files)` returns whether it was sent; `view()` returns the user's view; `takesCommands` is false in
   * threads.
   */
  constructor({ label, send, view, takesCommands }) {
    Object.assign(this, { send, view, takesCommands, sent: [], recalled: 0, chosen: 0, drafts: new Map(), place: "" });
    const id = `palette-${number += 1}`;
    this.palette = node("ul", { class: "palette", id, role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.attaching = new Attaching();
    this.usage = node("p", { class: "usage", role: "status", hidden: true });
    this.box = node("textarea", {
      rows: 1, autocomplete: "off", role: "combobox", "aria-label": label, "aria-controls": id, "aria-expanded": "false",
      onkeydown: (event) => this.key(event), oninput: () => { this.chosen = 0; this.grow(); this.suggest(); },
      onblur: () => { this.palette.hidden = true; }, onfocus: () => this.suggest(),
      onpaste: (event) => this.attaching.take(event, event.clipboardData),
    });
    this.form = node("form", {
      class: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); },
      ondragover: (event) => event.preventDefault(), ondrop: (event) => this.attaching.take(event, event.dataTransfer),
    }, this.palette, this.attaching.input, this.attaching.button, this.box,
      node("button", { class: "icon icon-send", "aria-label": "Send", title: "Send" }));
    this.element = node("div", { class: "writing" }, this.usage, this.attaching.list, this.form);
  }

  /** Switches to a place (channel or thread); each place has its own draft. */
  moveTo(place, words) {
    this.box.placeholder = words;
    if (place === this.place) return;
    this.attaching.moveTo(place);
    // Text that was entered before the first view arrived becomes the draft of the first place.
    const kept = this.place ? this.drafts.get(place) ?? "" : this.box.value;
    if (this.place) this.drafts.set(this.place, this.box.value);
    this.place = place;
    this.set(kept);
  }

  set(text) {
    this.box.value = text;
    this.grow();
    this.suggest();
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  /** Suggestions for the text before the caret: {from, entries}; an entry is {words, row}. */
  matches() {
    const view = this.view();
    const typed = this.box.value.slice(0, this.box.selectionStart);
    if (!view) return { from: 0, entries: [] };
    if (this.takesCommands && /^\/\S*$/.test(typed)) {
      return { from: 0, entries: view.commands.filter((one) => one.name.startsWith(typed)).map((one) => ({
        words: one.name, row: [node("strong", {}, one.name), node("span", { class: "hint" }, hint(one)),
          node("span", { class: "about" }, one.summary)],
      })) };
    }
    const name = /(?:^|\s)@([\p{L}\p{N}_-]*)$/u.exec(typed);
    if (!name) return { from: 0, entries: [] };
    const wanted = name[1].toLowerCase();
    const people = view.people.filter((one) => one.role !== "deactivated" && one.id !== view.viewer
      && [one.name, ...one.realName.split(" ")].some((word) => word.toLowerCase().startsWith(wanted)));
    people.sort((left, right) => (right.role === "app") - (left.role === "app"));
    return { from: typed.length - name[1].length - 1, entries: people.slice(0, 8).map((one) => ({
      words: `@${one.name}`, row: [face(one), node("strong", {}, one.realName), node("span", { class: "hint" }, `@${one.name}`),
        node("span", { class: "about" }, one.role)],
    })) };
  }

  suggest() {
    const { entries } = this.matches();
    const isOpen = entries.length > 0 && document.activeElement === this.box;
    this.chosen = Math.min(this.chosen, Math.max(0, entries.length - 1));
    this.palette.hidden = !isOpen;
    this.box.setAttribute("aria-expanded", String(isOpen));
    this.palette.replaceChildren(...entries.map((entry, index) => node("li", {
      role: "option", id: `${this.palette.id}-${index}`, "aria-selected": String(index === this.chosen),
      onmousedown: (event) => { event.preventDefault(); this.complete(entry); },
    }, entry.row)));
    if (isOpen) this.box.setAttribute("aria-activedescendant", `${this.palette.id}-${this.chosen}`);
    else this.box.removeAttribute("aria-activedescendant");
    const command = this.takesCommands && this.view()?.commands.find((one) => this.box.value.startsWith(one.name + " "));
    this.showHint(command ? [node("strong", {}, command.name), " ", hint(command) || "takes no words", " · ", command.summary] : []);
  }

  showHint(words) {
    this.usage.replaceChildren(...words);
    this.usage.hidden = !words.length;
  }

  complete(entry) {
    const { from } = this.matches();
    const after = this.box.value.slice(this.box.selectionStart);
    const before = this.box.value.slice(0, from) + entry.words + " ";
    this.set(before + after.replace(/^ /, ""));
    this.box.setSelectionRange(before.length, before.length);
    this.suggest();
  }

  key(event) {
    if (event.isComposing) return;
    const entries = this.palette.hidden ? [] : this.matches().entries;
    const entry = entries[this.chosen];
    if (entries.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : entries.length - 1)) % entries.length;
      this.suggest();
    } else if (entry && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && this.box.value !== entry.words))) {
      event.preventDefault();
      this.complete(entry);
    } else if (entry && event.key === "Escape") {
      event.stopPropagation();
      this.palette.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.recall(event);
    }
  }

  recall(event) {
    const isRecalled = this.recalled > 0 && this.box.value === this.sent.at(-this.recalled);
    if (this.box.value && !isRecalled) return;
    const next = (isRecalled ? this.recalled : 0) + (event.key === "ArrowUp" ? 1 : -1);
    if (next > this.sent.length || next < 0) return;
    event.preventDefault();
    this.recalled = next;
    this.set(next ? this.sent.at(-next) : "");
    this.palette.hidden = true;
  }

  async submit() {
    const text = this.box.value.trim();
    const files = this.attaching.files;
    if (!text && !files.length) return;
    const place = this.place;
    if (text) this.sent.push(text);
    this.recalled = 0;
    this.set("");
    if (text.startsWith("/")) this.showHint([node("span", { class: "busy" }), `Running ${text.split(" ")[0]}…`]);
    this.attaching.set([]);
    const isSent = await this.send(text, files);
    if (!this.box.value) this.showHint([]);
    // What was not sent is put back.
    if (!isSent && this.place === place && !this.box.value) this.set(text);
    if (!isSent && this.place === place && !this.attaching.files.length) this.attaching.set(files);
  }
}

function hint(command) { return command.hint && !/^[[<]/.test(command.hint) ? `[${command.hint}]` : command.hint; }
