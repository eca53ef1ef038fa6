// One user's view of the workspace: list of channels, a channel or the Home, a thread. Several are shown side by side.
import { Composer } from "/composer.js";
import { contents } from "/attaching.js";
import { fill, iconButton, node, post } from "/dom.js";
import { Home } from "/home.js";
import { drawMessage, drawNotice, sign } from "/message.js";
import { Modals } from "/modal.js";
import { Sidebar } from "/sidebar.js";
import { know } from "/text.js";
import { Unread } from "/unread.js";

export class Pane {
  /** `start` may name a place and a thread; otherwise the last ones of this user are restored from sessionStorage. */
  constructor(frame, as, start) {
    const kept = JSON.parse(sessionStorage.getItem(`pane:${as}`) ?? "{}");
    Object.assign(this, { frame, as, view: null });
    this.place = start.place ?? kept.place ?? "";
    this.thread = start.place || start.thread ? start.thread : kept.thread;
    this.unread = new Unread(this);
    this.sidebar = new Sidebar(this);
    this.modals = new Modals(this);
    this.home = new Home(this);
    this.build();
  }

  build() {
    const view = () => this.view;
    this.composer = new Composer({ label: "Message", view, takesCommands: true, send: (text, files) => this.send(text, null, files) });
    this.reply = new Composer({ label: "Reply", view, takesCommands: false, send: (text, files) => this.send(text, this.thread, files) });
    this.title = node("h2");
    this.topic = node("p");
    this.invite = node("button", { type: "button", onclick: () => this.act({ do: "invite" }) }, "Invite the app");
    this.list = node("div", { class: "list", role: "log", "aria-label": "Messages", tabindex: 0 });
    this.replies = node("div", { class: "list", role: "log", "aria-label": "Replies", tabindex: 0 });
    this.where = node("p");
    this.status = node("p", { class: "status", role: "status", hidden: true });
    this.aside = node("aside", { class: "thread", "aria-label": "Thread", hidden: true },
      node("header", { class: "bar" }, node("div", {}, node("h2", {}, "Thread"), this.where),
        iconButton("close", "Close the thread", () => this.open(null))), this.replies, this.status, this.reply.element);
    this.toast = node("p", { class: "toast", role: "alert", hidden: true });
    this.room = node("div", { class: "room" }, this.sidebar.element,
      node("section", { class: "channel", "aria-label": "Channel" },
        node("header", { class: "bar" }, node("div", {}, this.title, this.topic), this.invite, this.home.tabs),
        this.home.element, this.list, this.home.prompts, this.composer.element),
      this.aside, this.modals.element, this.toast);
    this.element = node("section", {
      class: "pane", onclick: (event) => this.follow(event), onfocusin: () => { if (this.frame.focused !== this) { this.frame.focused = this; this.frame.drawn(); } },
      onkeydown: (event) => { if (event.key === "Escape" && this.thread) { this.open(null); this.composer.box.focus(); } },
    }, this.room);
  }

  // One request at a time; a change during a request leads to another one.
  async look() {
    if (this.looking) { this.again = true; return; }
    this.looking = true;
    try {
      do {
        this.again = false;
        const as = this.as;
        let view;
        try { view = await (await fetch(`/_page/view?as=${encodeURIComponent(as)}`)).json(); } catch {
          // The connection is lost: the page shows a banner, and requests the view again when it is back.
          return;
        }
        if (as !== this.as) { this.again = true; continue; }
        this.view = view;
        this.draw();
      } while (this.again);
    } finally { this.looking = false; }
  }

  person(id) { return this.view.people.find((one) => one.id === id) ?? { id, name: id, realName: id === "USLACKBOT" ? "Slackbot" : id, role: "" }; }
  isRoot(message) { return !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast"; }

  /** The text of a message as a user would enter it. */
  typed(text) {
    return text.replace(/<@(\w+)>/g, (all, id) => `@${this.person(id).name}`).replace(/<#\w+\|([^>]*)>/g, "#$1")
      .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  }

  /** Acts as this user; shows the error in the pane if the action is refused. */
  async act(order) {
    let answer;
    try { answer = await post("/_control/act", { as: this.as, channel: this.place, ...order }); } catch {
      answer = { ok: false, error: "The workspace is not reachable." };
    }
    // For a command or button that was not acknowledged, the workspace adds a notice.
    if (!answer.ok && answer.error && !["operation_timeout", "dispatch_failed"].includes(answer.error)) this.notify(answer.error);
    return answer;
  }

  notify(words) {
    this.toast.textContent = words;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, 5000);
  }

  async send(text, thread, files) {
    if (text.startsWith("/") && !files.length) {
      if (thread) { this.notify(`${text.split(" ")[0]} is not supported in threads.`); return false; }
      const answer = await this.act({ do: "command", text });
      return answer.ok || ["operation_timeout", "dispatch_failed"].includes(answer.error);
    }
    return (await this.act({ do: "say", text, thread_ts: thread ?? undefined, files: await contents(files) })).ok;
  }

  become(name) {
    Object.assign(this, { as: name, thread: null });
    this.home.isOpen = false;
    this.look();
  }

  go(place) {
    Object.assign(this, { place, thread: null });
    this.home.isOpen = false;
    this.draw();
    this.composer.box.focus();
  }

  open(ts) {
    this.thread = ts;
    this.draw();
    (ts ? this.reply : this.composer).box.focus();
  }

  /** Opens a link to a message of this workspace in this pane. */
  follow(event) {
    const link = event.target.closest("a[href]");
    const message = link?.origin === location.origin && /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(link.pathname);
    if (!message || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.go(message[1]);
    this.open(new URL(link.href).searchParams.get("thread_ts") ?? `${message[2]}.${message[3]}`);
  }

  draw() {
    if (!this.view) return;
    know(this.view);
    const { view } = this;
    this.as = this.person(view.viewer).name;
    const wanted = String(this.place).replace(/^#/, "");
    const here = view.channels.find((one) => one.id === wanted || (one.kind !== "im" && one.name === wanted)) ?? view.channels[0];
    this.place = here?.id ?? "";
    sessionStorage.setItem(`pane:${this.as}`, JSON.stringify({ place: this.place, thread: this.thread }));
    this.element.dataset.person = this.as;
    this.element.setAttribute("aria-label", `${this.person(view.viewer).realName}'s view`);
    if (here) this.drawPlace(here);
    this.drawThread(here);
    this.sidebar.draw();
    this.modals.draw();
    this.frame.drawn();
  }

  drawPlace(here) {
    const name = here.kind === "im" ? this.person(this.view.bot).realName : `# ${here.name}`;
    this.title.textContent = name;
    this.topic.textContent = here.kind === "im" ? "Direct message with the app" : here.topic;
    this.invite.hidden = here.hasBot;
    this.home.draw(here);
    this.composer.element.hidden = this.home.isOpen;
    this.composer.moveTo(`${this.as}:${here.id}`, `Message ${name.replace("# ", "#")}`);
    if (this.home.isOpen) return;
    const key = `${this.as}:${here.id}`;
    if (this.shownPlace !== key) {
      this.newFrom = this.unread.inChannel(here.id)[0]?.ts;
      this.shownPlace = key;
      // Slack tells the app that its direct messages are opened.
      if (here.kind === "im") this.act({ do: "open_home", tab: "messages" });
    }
    const shown = this.view.messages.filter((one) => one.channel === here.id && this.isRoot(one));
    const notices = this.view.notices.filter((one) => one.channel === here.id && !one.thread_ts);
    fill(this.list, this.rows(shown, notices, false), key);
    if (document.visibilityState === "visible") this.unread.see(here.id);
  }

  /** Messages and notices by time, separated by days; a message within 3 min of the author's last has no header. */
  rows(messages, notices, inThread) {
    const all = [...messages.map((message) => ({ ts: message.ts, message })), ...notices.map((notice) => ({ ts: notice.ts, notice }))]
      .sort((left, right) => Number(left.ts) - Number(right.ts));
    const rows = [];
    let day = "";
    let before = null;
    for (const { ts, message, notice } of all) {
      const date = new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
      if (date !== day && !inThread) {
        rows.push({ key: `day ${date}`, sign: date, make: () => node("div", { class: "day" }, date) });
        before = null;
      }
      day = date;
      if (ts === this.newFrom && !inThread) rows.push({ key: "new", sign: ts, make: () => node("div", { class: "day new" }, "New") });
      if (notice) {
        rows.push({ key: `notice ${ts}`, sign: notice.text, make: () => drawNotice(notice) });
        before = null;
        continue;
      }
      const follows = before?.user === message.user && Number(ts) - Number(before.ts) < 180 && !message.subtype && !before.subtype
        && !message.ephemeral && !before.ephemeral && !before.reply_count && ts !== this.newFrom;
      rows.push({ key: ts, sign: sign(message, this, inThread, follows), make: () => drawMessage(message, this, inThread, follows) });
      before = message;
    }
    if (!rows.length) rows.push({ key: "empty", sign: "", make: () => node("p", { class: "empty" }, "No messages yet. Mention the app with @, or type / for its commands.") });
    return rows;
  }

  drawThread(here) {
    const all = this.view.messages.filter((one) => one.channel === this.place);
    const root = this.thread && all.find((one) => one.ts === this.thread);
    if (!root) this.thread = null;
    this.room.classList.toggle("with-thread", Boolean(root));
    this.aside.hidden = !root;
    if (!root) return;
    const title = this.view.titles[`${this.place}:${this.thread}`];
    this.where.textContent = title ?? (here.kind === "im" ? this.person(this.view.bot).realName : `# ${here.name}`);
    this.reply.moveTo(`${this.as}:${this.place}:${this.thread}`, "Reply…");
    const replies = all.filter((one) => one.thread_ts === this.thread && one.ts !== this.thread);
    const notices = this.view.notices.filter((one) => one.channel === this.place && one.thread_ts === this.thread);
    const rows = this.rows([root, ...replies], notices, true);
    if (replies.length) {
      const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
      rows.splice(1, 0, { key: "count", sign: words, make: () => node("div", { class: "replies" }, words) });
    }
    fill(this.replies, rows, `${this.as}:${this.place}:${this.thread}`);
    const status = this.view.statuses[`${this.place}:${this.thread}`];
    this.status.hidden = !status;
    this.status.textContent = status ? `${this.person(this.view.bot).realName} ${status}` : "";
    if (document.visibilityState === "visible") this.unread.see(`${this.place}:${this.thread}`);
  }
}
