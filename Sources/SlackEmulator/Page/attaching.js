// The files that a message box has taken and not sent yet.
import { iconButton, node } from "/dom.js";

export class Attaching {
  constructor() {
    Object.assign(this, { files: [], place: "", drafts: new Map() });
    this.input = node("input", { type: "file", multiple: true, hidden: true, onchange: () => this.add(this.input.files) });
    this.button = iconButton("attach", "Attach files", () => this.input.click());
    this.list = node("ul", { class: "attached", "aria-label": "Attached files", hidden: true });
  }

  add(files) {
    this.set([...this.files, ...files]);
    // The same file can be chosen again.
    this.input.value = "";
  }

  /** Switches to a place; each has its own files. */
  moveTo(place) {
    // Files may be chosen before the page knows its first place.
    if (this.place) this.drafts.set(this.place, this.files);
    const files = this.place ? this.drafts.get(place) ?? [] : this.files;
    this.place = place;
    this.set(files);
  }

  set(files) {
    this.files = files;
    this.list.hidden = !files.length;
    this.list.replaceChildren(...files.map((file) => node("li", {}, file.name,
      iconButton("close", `Remove ${file.name}`, () => this.set(this.files.filter((other) => other !== file))))));
  }

  /** Takes the files of a drop or a paste. */
  take(event, transfer) {
    if (!transfer?.files.length) return;
    event.preventDefault();
    this.add(transfer.files);
  }
}

/** The files as the workspace takes them: {name, base64}. */
export function contents(files) {
  return Promise.all(files.map((file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, base64: reader.result.split(",")[1] ?? "" });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  })));
}
