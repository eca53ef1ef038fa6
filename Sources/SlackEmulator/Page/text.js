// Slack's mrkdwn and standard Markdown as DOM nodes.
import { node } from "/dom.js";
import { withEmoji } from "/emoji.js";

let people = new Map();
let channels = new Map();
let viewer = "";

/** Sets the names of ids and the user for whom following texts are rendered. */
export function know(view) {
  viewer = view.viewer;
  people = new Map(view.people.map((person) => [person.id, person.name]));
  channels = new Map(view.channels.map((channel) => [channel.id, channel.name]));
}

function plain(text) {
  return withEmoji(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function safe(url) { return /^(https?:|mailto:)/i.test(url) ? url : null; }

/** A link; its host is shown beside a label that does not contain it, against misleading labels. A link to a message
 * of this workspace (its address is this page's) is opened by the pane. */
function link(url, label) {
  const target = safe(url);
  if (!target) return document.createTextNode(label);
  const host = /^https?:/i.test(target) && URL.canParse(target) ? new URL(target).host : "";
  return node("a", { href: target, target: "_blank", rel: "noreferrer noopener" }, label,
    host && host !== location.host && !label.includes(host) ? node("span", { class: "host" }, host) : null);
}

function mention(id, label) {
  return node("span", { class: id === viewer ? "mention me" : "mention" }, "@" + (people.get(id) ?? label ?? id));
}

const dateForms = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** `!date^seconds^format` in the time zone of the browser; `label` is the fallback. */
function date(target, label) {
  const [, seconds, format] = target.split("^");
  const time = new Date(Number(seconds) * 1000);
  if (!format || Number.isNaN(time.getTime())) return label ?? "";
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  return format.replace(/\{(\w+?)(_pretty)?\}/g, (all, name, isPretty) => {
    if (!(name in dateForms)) return all;
    return (isPretty && { 0: "today", 1: "yesterday" }[days]) || time.toLocaleString([], dateForms[name]);
  });
}

/** `<@U…>`, `<#C…|name>`, `<!here>`, `<https://…|label>`. */
function reference(inner) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return node("span", { class: "mention" }, "#" + (channels.get(target.slice(1)) ?? label ?? target.slice(1)));
  if (target.startsWith("!date^")) return document.createTextNode(date(target, label));
  if (target.startsWith("!")) return node("span", { class: "mention" }, label ?? "@" + target.slice(1));
  return link(target.replaceAll("&amp;", "&"), plain(label ?? target));
}

const mrkdwnMarks = [
  [/^`([^`\n]+)`/, (inner) => node("code", {}, plain(inner))],
  [/^\*(?=\S)([^*\n]*[^*\s])\*(?![\p{L}\p{N}])/u, (inner) => node("strong", {}, ...inline(inner))],
  [/^_(?=\S)([^_\n]*[^_\s])_(?![\p{L}\p{N}])/u, (inner) => node("em", {}, ...inline(inner))],
  [/^~(?=\S)([^~\n]*[^~\s])~(?![\p{L}\p{N}])/u, (inner) => node("s", {}, ...inline(inner))],
  [/^<([^<>\n]+)>/, (inner) => reference(inner)],
  [/^(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)])/, (url) => link(url.replaceAll("&amp;", "&"), plain(url))],
];

const markdownMarks = [
  [/^`([^`\n]+)`/, (inner) => node("code", {}, plain(inner))],
  [/^\*\*(?=\S)(.+?)\*\*/, (inner) => node("strong", {}, ...inline(inner, markdownMarks))],
  [/^__(?=\S)(.+?)__/, (inner) => node("strong", {}, ...inline(inner, markdownMarks))],
  [/^~~(.+?)~~/, (inner) => node("s", {}, ...inline(inner, markdownMarks))],
  [/^\*(?=\S)([^*\n]+?)\*/, (inner) => node("em", {}, ...inline(inner, markdownMarks))],
  [/^_(?=\S)([^_\n]+?)_(?![\p{L}\p{N}])/u, (inner) => node("em", {}, ...inline(inner, markdownMarks))],
  [/^!?\[([^\]\n]*)\]\(([^)\s]+)\)/, (label, url) => link(url, plain(label || url))],
  [/^<([^<>\n]+)>/, (inner) => reference(inner)],
  [/^(https?:\/\/[^\s<>)\]]+)/, (url) => link(url, url)],
];

function inline(text, marks = mrkdwnMarks) {
  const nodes = [];
  let words = "";
  let rest = text;
  while (rest) {
    const startsWord = !/[\p{L}\p{N}]$/u.test(words);
    let found = null;
    if (marks === markdownMarks && rest[0] === "\\" && /[\\`*_{}[\]()#+.!|<>~-]/.test(rest[1] ?? "")) {
      words += rest[1];
      rest = rest.slice(2);
      continue;
    }
    for (const [pattern, make] of marks) {
      if (!startsWord && /^[_~]/.test(rest)) continue;
      const match = pattern.exec(rest);
      if (match) { found = [match[0].length, make(...match.slice(1))]; break; }
    }
    if (found) {
      if (words) nodes.push(document.createTextNode(plain(words)));
      words = "";
      nodes.push(found[1]);
      rest = rest.slice(found[0]);
    } else {
      const character = String.fromCodePoint(rest.codePointAt(0));
      words += character;
      rest = rest.slice(character.length);
    }
  }
  if (words) nodes.push(document.createTextNode(plain(words)));
  return nodes;
}

/** mrkdwn: message texts, sections, contexts. */
export function mrkdwn(text) {
  const box = node("div", { class: "words" });
  text.split(/```\n?/).forEach((piece, index) => {
    if (index % 2 === 1) {
      box.append(node("pre", {}, node("code", {}, plain(piece.replace(/\n$/, "")))));
      return;
    }
    const lines = piece.split("\n");
    let quote = null;
    lines.forEach((line, at) => {
      const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
      if (quoted) {
        quote ??= box.appendChild(node("blockquote"));
        if (quote.childNodes.length) quote.append("\n");
        quote.append(...inline(quoted[1]));
      } else {
        if (at > 0 && !quote) box.append("\n");
        quote = null;
        box.append(...inline(line));
      }
    });
  });
  return box;
}

function cells(line) {
  return line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

const item = /^(\s*)([-*+]|\d+[.)]) +(.*)$/;

/** A list; items with deeper indentation are lists inside the item above them. */
function bulleted(items) {
  const ordered = /\d/.test(items[0][2]);
  const start = ordered ? Number.parseInt(items[0][2], 10) : 1;
  const list = node(ordered ? "ol" : "ul", { class: ordered ? null : "dots", start: start === 1 ? null : start });
  const depth = items[0][1].length;
  for (let at = 0; at < items.length;) {
    const entry = list.appendChild(node("li", {}, ...inline(items[at][3], markdownMarks)));
    const below = [];
    at += 1;
    while (at < items.length && items[at][1].length > depth) below.push(items[at++]);
    if (below.length) entry.append(bulleted(below));
  }
  return list;
}

/** Standard Markdown, the content of a `markdown` block. */
export function markdown(text) {
  const box = node("div");
  const lines = text.split("\n");
  const isRule = (line) => /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/.test(line ?? "") && line.includes("-");
  const starts = /^(#{1,6} |```|\s*[-*+] |\s*\d+[.)] |> ?|---+\s*$|\*\*\*+\s*$)/;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) { at += 1; continue; }
    const fence = /^(```|~~~)/.exec(line);
    if (fence) {
      const code = [];
      at += 1;
      while (at < lines.length && !lines[at].startsWith(fence[1])) code.push(lines[at++]);
      at += 1;
      box.append(node("pre", {}, node("code", {}, code.join("\n"))));
      continue;
    }
    const heading = /^(#{1,6}) +(.*?)#*$/.exec(line);
    if (heading) {
      box.append(node(heading[1].length < 3 ? "h3" : "h4", {}, ...inline(heading[2], markdownMarks)));
      at += 1;
      continue;
    }
    if (/^(---+|\*\*\*+)\s*$/.test(line)) { box.append(node("hr")); at += 1; continue; }
    if (line.includes("|") && isRule(lines[at + 1])) {
      const sides = cells(lines[at + 1]).map((cell) =>
        cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : null);
      const row = (source, name) => node("tr", {}, ...cells(source).map((cell, column) =>
        node(name, { class: sides[column] }, ...inline(cell, markdownMarks))));
      const table = node("table", {}, node("thead", {}, row(line, "th")));
      const body = table.appendChild(node("tbody"));
      at += 2;
      while (at < lines.length && lines[at].includes("|") && lines[at].trim()) body.append(row(lines[at++], "td"));
      box.append(node("div", { class: "scroll" }, table));
      continue;
    }
    if (item.test(line)) {
      const items = [];
      while (at < lines.length && item.test(lines[at])) items.push(item.exec(lines[at++]));
      box.append(bulleted(items));
      continue;
    }
    if (/^> ?/.test(line)) {
      const quoted = [];
      while (at < lines.length && /^> ?/.test(lines[at])) quoted.push(lines[at++].replace(/^> ?/, ""));
      box.append(node("blockquote", {}, ...markdown(quoted.join("\n")).childNodes));
      continue;
    }
    const paragraph = [line];
    at += 1;
    while (at < lines.length && lines[at].trim() && !starts.test(lines[at]) && !isRule(lines[at + 1])) {
      paragraph.push(lines[at++]);
    }
    box.append(node("p", { class: "words" }, ...inline(paragraph.join("\n"), markdownMarks)));
  }
  return box;
}
