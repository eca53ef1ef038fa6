import { block } from "/blocks.js";
import { emojiOf, know, mrkdwn, node } from "/text.js";

const by = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
let actor = wanted.get("as") ?? sessionStorage.getItem("actor") ?? "";
let place = wanted.get("channel") ?? sessionStorage.getItem("place") ?? "";
let thread = wanted.get("thread");
const permalink = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
if (permalink) {
  place = permalink[1];
  thread = wanted.get("thread_ts") ?? `${permalink[2]}.${permalink[3]}`;
}
let showsHome = false;
let view = null;
let hint = -1;
const seen = new Map();

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

let alertTimer = 0;
function say(words) {
  const box = by("alert");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(alertTimer);
  alertTimer = setTimeout(() => { box.hidden = true; }, 4000);
}

async function act(order) {
  const answer = await post("/_control/act", { as: actor, channel: place, ...order });
  if (!answer.ok && answer.error && !["operation_timeout", "dispatch_failed"].includes(answer.error)) say(answer.error);
  return answer;
}

// One look at a time; a change during a look leads to one more.
let looking = false;
let again = false;
async function look() {
  if (looking) { again = true; return; }
  looking = true;
  try {
    do {
      again = false;
      view = await (await fetch(`/_page/view?as=${encodeURIComponent(actor)}`)).json();
      draw();
    } while (again);
  } finally { looking = false; }
}

function person(id) { return view.people.find((one) => one.id === id) ?? { id, name: id, realName: id, role: "" }; }
function channel() { return view.channels.find((one) => one.id === place); }

function draw() {
  know(view);
  actor = view.viewer;
  if (!channel()) place = view.channels[0]?.id ?? "";
  sessionStorage.setItem("actor", actor);
  sessionStorage.setItem("place", place);
  drawSidebar();
  drawPlace();
  drawThread();
}

function drawSidebar() {
  by("team").textContent = view.team;
  document.title = `${view.team}: local workspace`;
  const link = by("link");
  link.className = view.connections ? "on" : "";
  link.textContent = view.connections ? `App connected (${view.connections})` : "App not connected";
  const item = (one) => {
    const count = view.messages.filter((message) => message.channel === one.id).length;
    if (one.id === place) seen.set(one.id, count);
    const mark = { im: "◆", group: "" }[one.kind] ?? "#";
    return node("li", {}, node("button", {
      type: "button", "aria-current": one.id === place ? "true" : null,
      class: count > (seen.get(one.id) ?? count) ? "fresh" : null,
      onclick: () => { place = one.id; thread = null; showsHome = false; draw(); by("text").focus(); },
    }, node("span", { class: one.kind === "group" ? "mark lock" : "mark", "aria-hidden": "true" }, mark), one.name,
      one.kind === "group" ? node("span", { class: "hidden" }, " (private)") : null,
      one.hasBot ? null : node("span", { class: "note" }, "no app")));
  };
  for (const one of view.channels) if (!seen.has(one.id)) seen.set(one.id, view.messages.filter((message) => message.channel === one.id).length);
  by("channels").replaceChildren(...view.channels.filter((one) => one.kind !== "im").map(item));
  by("direct").replaceChildren(...view.channels.filter((one) => one.kind === "im").map(item));
  const people = view.people.filter((one) => one.role !== "app" && one.role !== "deactivated");
  const select = by("actor");
  if (select.options.length !== people.length) {
    select.replaceChildren(...people.map((one) => node("option", { value: one.id }, one.realName)));
  }
  select.value = actor;
  const me = person(actor);
  by("role").textContent = [me.email, me.role].filter(Boolean).join(", ");
}

function clock(ts) { return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }); }
function day(ts) { return new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" }); }

function face(one) {
  const letters = one.realName.split(" ").map((word) => word[0]).join("").slice(0, 2);
  const number = [...one.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return node("div", { class: `face ${one.role === "app" ? "app" : "f" + number}`, "aria-hidden": "true" }, letters);
}

function press(message) {
  return async (button, action, value) => {
    button.disabled = true;
    await act({ do: "press", channel: message.channel, ts: message.ts, action_id: action, value });
    button.disabled = false;
  };
}

function drawMessage(message, inThread) {
  const author = person(message.user);
  const command = message.subtype === "slash_command";
  const body = message.bot_id && message.blocks?.length
    ? message.blocks.map((source) => block(source, press(message)))
    : [mrkdwn(message.text)];
  for (const file of message.files ?? []) {
    body.push(node("a", { class: "file", href: file.url_private, download: file.name }, file.title));
  }
  const head = node("div", {}, node("span", { class: "who" }, author.realName),
    author.role ? node("span", { class: "badge" }, author.role.toUpperCase()) : null,
    node("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, clock(message.ts)),
    command ? node("span", { class: "only" }, "  used a command") : null);
  const column = node("div", {}, message.ephemeral ? node("div", { class: "only" }, "Only visible to you") : null, head, ...body);
  if (message.edited) column.append(node("span", { class: "edited" }, "(edited)"));
  if (message.reactions?.length) {
    column.append(node("div", { class: "reactions" }, ...message.reactions.map((one) =>
      node("span", { title: one.users.map((id) => person(id).realName).join(", ") }, `${emojiOf(one.name)} ${one.count}`))));
  }
  if (!inThread && message.reply_count) {
    const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
    column.append(node("button", { type: "button", class: "summary", onclick: () => open(message.ts) }, words,
      node("span", {}, `Last reply ${clock(message.latest_reply)}`)));
  }
  const tools = node("div", { class: "tools" });
  if (!message.ephemeral) {
    if (!inThread) tools.append(node("button", { type: "button", onclick: () => open(message.ts) }, "Reply"));
    for (const name of ["eyes", "thumbsup"]) {
      tools.append(node("button", { type: "button", "aria-label": `React with ${name}`, onclick: () => act({ do: "react", ts: message.ts, reaction: name }) }, emojiOf(name)));
    }
  }
  return node("article", { class: `message${message.ephemeral ? " whisper" : ""}`, "aria-label": `${author.realName}, ${clock(message.ts)}` },
    face(author), column, tools);
}

/** Replaces a list; it follows the newest message unless the reader has scrolled up. */
function fill(list, children) {
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 60 || !list.dataset.filled;
  const top = list.scrollTop;
  list.replaceChildren(...children);
  list.dataset.filled = "yes";
  list.scrollTop = follows ? list.scrollHeight : top;
}

function drawPlace() {
  const here = channel();
  if (!here) return;
  by("place").textContent = here.kind === "im" ? here.name : `# ${here.name}`;
  by("topic").textContent = here.kind === "im" ? "Direct message with the app" : here.topic;
  by("invite").hidden = here.hasBot;
  by("home").hidden = here.kind !== "im";
  by("home").setAttribute("aria-pressed", String(showsHome));
  by("composer").hidden = showsHome;
  if (showsHome) {
    const blocks = view.home?.blocks?.map((source) => block(source, () => say("Buttons of the Home are not pressed here.")));
    by("messages").replaceChildren(node("div", { class: "home" }, ...(blocks ?? [node("p", {}, "The app has published no Home for you.")])));
    return;
  }
  by("text").placeholder = `Message ${here.kind === "im" ? here.name : "#" + here.name}`;
  const shown = view.messages.filter((message) => message.channel === place
    && (!message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast"));
  const notices = view.notices.filter((notice) => notice.channel === place);
  const rows = [...shown.map((message) => ({ ts: message.ts, message })), ...notices.map((notice) => ({ ts: notice.ts, notice }))]
    .sort((left, right) => Number(left.ts) - Number(right.ts));
  const children = [];
  let last = "";
  for (const row of rows) {
    if (day(row.ts) !== last) {
      last = day(row.ts);
      children.push(node("div", { class: "day" }, last));
    }
    children.push(row.message ? drawMessage(row.message, false) : node("div", { class: "notice", role: "note" }, row.notice.text));
  }
  if (!children.length) children.push(node("p", { class: "empty" }, "No messages yet."));
  const list = by("messages");
  if (list.dataset.place !== place) delete list.dataset.filled;
  list.dataset.place = place;
  fill(list, children);
}

function open(ts) {
  thread = ts;
  draw();
  by("reply-text").focus();
}

function drawThread() {
  const root = thread && view.messages.find((message) => message.ts === thread && message.channel === place);
  by("app").className = root ? "with-thread" : "";
  by("thread").hidden = !root;
  if (!root) return;
  const replies = view.messages.filter((message) => message.thread_ts === thread && message.ts !== thread && message.channel === place);
  by("thread-place").textContent = by("place").textContent;
  const count = replies.length ? [node("div", { class: "count" }, replies.length === 1 ? "1 reply" : `${replies.length} replies`)] : [];
  const list = by("replies");
  if (list.dataset.thread !== thread) delete list.dataset.filled;
  list.dataset.thread = thread;
  fill(list, [drawMessage(root, true), ...count, ...replies.map((message) => drawMessage(message, true))]);
  const status = view.statuses[`${place}:${thread}`];
  by("status").hidden = !status;
  by("status").textContent = status ? `${person(view.bot).realName} ${status}` : "";
}

function matching() {
  const typed = by("text").value;
  if (!typed.startsWith("/") || /\s/.test(typed)) return [];
  return view.commands.filter((command) => command.name.startsWith(typed));
}

function drawHints() {
  const list = matching();
  hint = list.length ? Math.max(0, Math.min(hint, list.length - 1)) : -1;
  by("hints").hidden = !list.length;
  by("hints").replaceChildren(...list.map((command, index) => node("li", {
    role: "option", id: `hint-${index}`, "aria-selected": index === hint ? "true" : "false",
    onmousedown: (event) => { event.preventDefault(); complete(command); },
  }, node("strong", {}, command.name), node("span", { class: "hint" }, command.hint), node("span", { class: "about" }, command.summary))));
  by("text").setAttribute("aria-activedescendant", hint >= 0 ? `hint-${hint}` : "");
}

function complete(command) {
  by("text").value = command.name + " ";
  drawHints();
  by("text").focus();
}

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

async function send(box, root) {
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  grow(box);
  drawHints();
  if (!root && text.startsWith("/")) await act({ do: "command", text });
  else await act({ do: "say", text, thread_ts: root ?? undefined });
}

by("text").addEventListener("keydown", (event) => {
  const list = matching();
  if (list.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    hint = (hint + (event.key === "ArrowDown" ? 1 : list.length - 1)) % list.length;
    drawHints();
  } else if (list.length && (event.key === "Tab" || (event.key === "Enter" && by("text").value !== list[hint].name))) {
    event.preventDefault();
    complete(list[hint]);
  } else if (event.key === "Escape") {
    by("hints").hidden = true;
  }
});
for (const [form, box, root] of [["composer", "text", () => null], ["reply", "reply-text", () => thread]]) {
  by(box).addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.defaultPrevented && !event.isComposing) {
      event.preventDefault();
      by(form).requestSubmit();
    }
  });
  by(box).addEventListener("input", () => { grow(by(box)); if (box === "text") { hint = 0; drawHints(); } });
  by(form).addEventListener("submit", (event) => { event.preventDefault(); send(by(box), root()); });
}
by("actor").addEventListener("change", (event) => { actor = event.target.value; thread = null; showsHome = false; look(); });
by("home").addEventListener("click", () => {
  showsHome = !showsHome;
  if (showsHome) act({ do: "open_home" });
  draw();
});
by("invite").addEventListener("click", () => act({ do: "invite" }));
by("close").addEventListener("click", () => { thread = null; draw(); by("text").focus(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && thread && by("hints").hidden) { thread = null; draw(); } });

await look();
const events = new EventSource("/events");
events.onmessage = look;
events.onerror = () => { by("link").className = ""; by("link").textContent = "Workspace not reachable"; };
