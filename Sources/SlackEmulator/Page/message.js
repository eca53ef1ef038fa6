// One message as a user sees it: author, text or blocks, reactions, buttons.
import { block } from "/blocks.js";
import { clock, iconButton, node } from "/dom.js";
import { emojiOf } from "/emoji.js";
import { mrkdwn } from "/text.js";

/** A user's initials on a colour that is derived from the user id. */
export function face(person) {
  const letters = person.realName.split(" ").map((word) => word[0]).join("").slice(0, 2);
  const number = [...person.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 6;
  return node("div", { class: `face ${person.role === "app" ? "app" : "f" + number}`, "aria-hidden": "true" }, letters);
}

/** A function that activates an element of the message; shows an error beside it if the app did not acknowledge. */
function presser(message, pane) {
  return async (element, action, value) => {
    element.disabled = true;
    element.setAttribute("aria-busy", "true");
    element.parentElement.querySelector(".failed")?.remove();
    const answer = await pane.act({ do: "press", channel: message.channel, ts: message.ts, action_id: action, value });
    element.disabled = false;
    element.removeAttribute("aria-busy");
    if (!answer.ok) element.after(node("span", { class: "failed", role: "alert" }, answer.error));
  };
}

function attachment(source, press) {
  const words = [source.pretext, source.title, source.text ?? (source.blocks ? null : source.fallback)].filter(Boolean);
  return node("div", { class: "attachment" }, words.map((text) => mrkdwn(text)), (source.blocks ?? []).map((one) => block(one, press)));
}

/** A shared file: an image with its alternative text under its title, anything else as a link. */
function shared(file) {
  const path = "/_page" + new URL(file.url_private).pathname;
  if (!file.mimetype?.startsWith("image/")) return node("a", { class: "file", href: path, download: file.name },
    node("strong", {}, file.title), node("span", { class: "size" }, size(file.size)));
  return node("figure", { class: "shared" }, node("figcaption", {}, file.title),
    node("img", { src: path, alt: file.alt_txt ?? file.title }));
}

function size(bytes) { return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`; }

function body(message, pane) {
  const press = presser(message, pane);
  const parts = message.bot_id && message.blocks?.length
    ? message.blocks.map((source) => block(source, press, pane.view.people.filter((one) => one.role !== "app")))
    : message.text ? [mrkdwn(message.text)] : [];
  parts.push(...(message.attachments ?? []).map((source) => attachment(source, press)));
  parts.push(...(message.files ?? []).map(shared));
  return parts;
}

function reactions(message, pane) {
  if (!message.reactions?.length) return null;
  return node("div", { class: "reactions" }, message.reactions.map((one) => {
    const names = one.users.map((id) => pane.person(id).realName).join(", ");
    const mine = one.users.includes(pane.view.viewer);
    return node("button", {
      type: "button", title: names, "aria-label": `${one.name}, ${names}`, "aria-pressed": String(mine), disabled: mine,
      onclick: () => pane.act({ do: "react", channel: message.channel, ts: message.ts, reaction: one.name }),
    }, `${emojiOf(one.name)} ${one.count}`);
  }));
}

function summary(message, pane) {
  if (!message.reply_count) return null;
  const fresh = pane.unread.inThread(message.channel, message.ts);
  const users = (message.reply_users ?? []).slice(0, 4).map((id) => face(pane.person(id)));
  return node("button", { type: "button", class: fresh ? "summary fresh" : "summary", onclick: () => pane.open(message.ts) },
    users, node("strong", {}, message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`),
    node("span", {}, fresh ? `${fresh} new` : `Last reply ${clock(message.latest_reply)}`));
}

/** Replaces the message's content by a form that edits its text. */
function edit(message, pane, content) {
  const box = node("textarea", { rows: 2, "aria-label": "Edit your message" });
  box.value = pane.typed(message.text);
  const done = () => content.querySelector(".editing").replaceWith(...body(message, pane));
  const form = node("form", { class: "editing", onsubmit: async (event) => {
    event.preventDefault();
    if (box.value.trim() === pane.typed(message.text)) return done();
    await pane.act({ do: "edit", channel: message.channel, ts: message.ts, text: box.value.trim() });
  } }, box, node("div", { class: "actions" }, node("button", { type: "button", onclick: done }, "Cancel"),
    node("button", { class: "primary" }, "Save")));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); done(); }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });
  content.replaceChildren(form);
  box.focus();
}

/** The menu with the app's message shortcuts; the app opens a modal in response. */
function shortcuts(message, pane) {
  const choose = (one) => pane.act({ do: "shortcut", channel: message.channel, ts: message.ts, callback_id: one.callbackID });
  return node("details", { class: "more" }, node("summary", { "aria-label": "More actions", title: "More actions" }, "⋮"),
    node("div", {}, pane.view.shortcuts.map((one) => node("button", { type: "button", onclick: (event) => {
      event.currentTarget.closest("details").open = false;
      choose(one);
    } }, one.name))));
}

function tools(message, pane, inThread, content) {
  const bar = node("div", { class: "tools" });
  const react = (name) => node("button", {
    type: "button", "aria-label": `React with ${name}`, title: `:${name}:`,
    onclick: () => pane.act({ do: "react", channel: message.channel, ts: message.ts, reaction: name }),
  }, emojiOf(name));
  bar.append(react("eyes"), react("thumbsup"), react("white_check_mark"));
  if (!inThread) bar.append(iconButton("reply", "Reply in thread", () => pane.open(message.ts)));
  if (pane.view.shortcuts.length) bar.append(shortcuts(message, pane));
  if (message.user === pane.view.viewer && !message.subtype) {
    bar.append(iconButton("edit", "Edit message", () => edit(message, pane, content)),
      iconButton("delete", "Delete message", () => pane.act({ do: "delete", channel: message.channel, ts: message.ts })));
  }
  return bar;
}

/** A string that changes when the message must be drawn again. */
export function sign(message, pane, inThread, follows) {
  return JSON.stringify([message, inThread, follows, inThread ? 0 : pane.unread.inThread(message.channel, message.ts),
    pane.view.statuses[`${message.channel}:${message.ts}`]]);
}

/** `follows`: the previous message is a recent one of the same author, so that the header is omitted. */
export function drawMessage(message, pane, inThread, follows) {
  const author = pane.person(message.user);
  const time = node("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, clock(message.ts));
  const content = node("div", { class: "content" }, body(message, pane));
  const status = inThread ? null : pane.view.statuses[`${message.channel}:${message.ts}`];
  const column = node("div", { class: "column" },
    message.ephemeral ? node("div", { class: "only" }, "Only visible to you") : null,
    follows ? null : node("div", { class: "head" }, node("span", { class: "who" }, author.realName),
      author.role ? node("span", { class: "badge" }, author.role.toUpperCase()) : null, time,
      message.subtype === "slash_command" ? node("span", { class: "used" }, "used a command") : null),
    content, message.streaming ? node("div", { class: "actions" }, node("button", { type: "button", title: "Stop the app",
      onclick: () => pane.act({ do: "stop_stream", channel: message.channel, ts: message.ts }) }, "Stop")) : null,
    message.edited ? node("span", { class: "edited" }, "(edited)") : null,
    reactions(message, pane), inThread ? null : summary(message, pane),
    status ? node("p", { class: "status" }, `${pane.person(pane.view.bot).realName} ${status}`) : null);
  const kinds = ["message", message.ephemeral && "whisper", message.streaming && "streaming", follows && "follows"];
  return node("article", { class: kinds.filter(Boolean).join(" "), "data-ts": message.ts, "aria-label": `${author.realName}, ${clock(message.ts)}` },
    follows ? time : face(author), column, message.ephemeral ? null : tools(message, pane, inThread, content));
}

/** A message that Slack itself shows to one user, such as the error of a command that was not acknowledged. */
export function drawNotice(notice) {
  return node("article", { class: "message whisper notice", role: "note" },
    node("div", { class: "face slack", "aria-hidden": "true" }, "S"),
    node("div", { class: "column" }, node("div", { class: "only" }, "Only visible to you"),
      node("div", { class: "head" }, node("span", { class: "who" }, "Slackbot"), node("time", {}, clock(notice.ts))),
      node("div", { class: "content" }, node("div", { class: "words" }, notice.text))));
}
