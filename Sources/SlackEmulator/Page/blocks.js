// Block Kit as DOM nodes.
import { node } from "/dom.js";
import { emojiOf, withEmoji } from "/emoji.js";
import { markdown, mrkdwn } from "/text.js";

export function textObject(text) {
  if (!text) return "";
  return text.type === "mrkdwn" ? mrkdwn(text.text) : node("div", { class: "words" }, withEmoji(text.text));
}

function inlineRich(element) {
  switch (element.type) {
    case "user": return mrkdwn(`<@${element.user_id}>`).firstChild;
    case "channel": return mrkdwn(`<#${element.channel_id}>`).firstChild;
    case "emoji": return document.createTextNode(emojiOf(element.name));
    case "link": return mrkdwn(`<${element.url}|${element.text ?? element.url}>`).firstChild;
    default: {
      let words = document.createTextNode(element.text ?? "");
      const style = element.style ?? {};
      for (const [flag, name] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
        if (style[flag]) words = node(name, {}, words);
      }
      return words;
    }
  }
}

function rich(element) {
  const children = () => (element.elements ?? []).map(inlineRich);
  switch (element.type) {
    case "rich_text_preformatted": return node("pre", {}, node("code", {}, ...children()));
    case "rich_text_quote": return node("blockquote", {}, ...children());
    case "rich_text_list":
      return node(element.style === "ordered" ? "ol" : "ul", { class: element.style === "ordered" ? null : "dots" },
        ...(element.elements ?? []).map((item) => node("li", {}, ...(item.elements ?? []).map(inlineRich))));
    default: return node("div", { class: "words" }, ...children());
  }
}

/** Wraps `act` in a dialog if the element has a `confirm` object. */
function confirmed(element, act) {
  const words = element.confirm;
  if (!words) return act;
  return (target, ...rest) => {
    const dialog = node("dialog", { class: "confirm", onclose: () => {
      if (dialog.returnValue === "yes") act(target, ...rest);
      dialog.remove();
    } }, node("form", { method: "dialog" }, node("h3", {}, words.title.text), textObject(words.text),
      node("div", { class: "actions" }, node("button", { value: "no" }, words.deny.text),
        node("button", { value: "yes", class: words.style === "danger" ? "danger" : "primary" }, words.confirm.text))));
    document.body.append(dialog);
    dialog.showModal();
  };
}

function button(element, press, part = element) {
  const act = confirmed(element, press);
  return node("button", {
    type: "button", class: part.style ?? (part === element ? null : "quiet"), "aria-label": part.accessibility_label,
    onclick: (event) => {
      if (part.url && /^https?:/i.test(part.url)) window.open(part.url, "_blank", "noreferrer");
      act(event.currentTarget, element.action_id, part.value);
    },
  }, withEmoji(part.text?.text ?? "Choose"));
}

function select(element, press, choices) {
  const act = confirmed(element, press);
  const box = node("select", {
    "aria-label": element.placeholder?.text ?? "Choose",
    onchange: (event) => { if (event.target.value) act(event.target, element.action_id, event.target.value); },
  }, node("option", { value: "" }, element.placeholder?.text ?? (element.type === "overflow" ? "⋯" : "Choose…")),
    ...choices.map(([value, words]) => node("option", { value }, withEmoji(words))));
  box.value = element.initial_option?.value ?? element.initial_user ?? "";
  return box;
}

function interactive(element, press, people) {
  const options = (element.options ?? []).map((option) => [option.value, option.text.text]);
  switch (element.type) {
    case "feedback_buttons":
      return [button(element, press, element.positive_button), button(element, press, element.negative_button)];
    case "overflow": case "static_select": return [select(element, press, options)];
    case "users_select": return [select(element, press, people.map((one) => [one.id, one.realName]))];
    case "radio_buttons":
      return options.map(([value, words]) => button(element, press, { value, text: { text: words }, style: "quiet" }));
    case "image": return [node("span", { class: "picture" }, element.alt_text)];
    case "button": case "icon_button": return [button(element, press)];
    default: return [node("span", { class: "picture" }, `A ${element.type} element`)];
  }
}

function table(block) {
  const sides = (block.column_settings ?? []).map((setting) => setting?.align);
  const cell = (value) => {
    if (value.type === "rich_text") return value.elements.map(rich);
    return [document.createTextNode(value.text ?? String(value.value ?? ""))];
  };
  const row = (cells, name) => node("tr", {}, ...cells.map((value, column) =>
    node(name, { class: sides[column] === "left" ? null : sides[column] }, ...cell(value))));
  const [head, ...rest] = block.rows;
  return node("div", { class: "scroll" }, node("table", {},
    node("thead", {}, row(head, "th")), node("tbody", {}, ...rest.map((cells) => row(cells, "td")))));
}

function task(card) {
  const marks = { complete: "✓", error: "✕", in_progress: "" };
  const line = (name, words) => (typeof words === "string" && words ? node("div", { class: name }, words) : null);
  const sources = (card.sources ?? []).filter((source) => /^https?:/i.test(source.url)).map((source) =>
    node("a", { href: source.url, target: "_blank", rel: "noreferrer" }, source.text ?? source.url));
  return node("div", { class: `task ${card.status}` }, node("span", { class: "state", role: "img", "aria-label": card.status }, marks[card.status] ?? "○"),
    node("div", { class: "title" }, card.title), line("output", card.output), line("details", card.details),
    sources.length ? node("div", { class: "details" }, ...sources) : null);
}

/** One block. `press(element, actionID, value)` handles interactive elements; users_select offers `people`. */
export function block(source, press, people = []) {
  const box = node("div", { class: "block" });
  switch (source.type) {
    case "header": box.append(node("h3", {}, withEmoji(source.text.text))); break;
    case "section":
      if (source.text) box.append(textObject(source.text));
      if (source.fields) box.append(node("div", { class: "fields" }, ...source.fields.map(textObject)));
      if (source.accessory) box.append(node("div", { class: "actions" }, ...interactive(source.accessory, press, people)));
      break;
    case "context":
      box.append(node("div", { class: "context" }, ...source.elements.map((element) =>
        element.type === "image" ? node("span", {}, element.alt_text) : textObject(element))));
      break;
    case "divider": box.append(node("hr")); break;
    case "actions": case "context_actions":
      box.append(node("div", { class: "actions" }, ...source.elements.flatMap((element) => interactive(element, press, people))));
      break;
    case "markdown": box.append(...markdown(source.text).childNodes); break;
    case "table": box.append(table(source)); break;
    case "rich_text": box.append(...source.elements.map(rich)); break;
    case "task_card": box.append(task(source)); break;
    case "plan":
      box.append(node("strong", {}, source.title), node("ul", {}, ...source.tasks.map((one) => node("li", {}, task(one)))));
      break;
    case "image": box.append(node("div", { class: "picture", role: "img", "aria-label": source.alt_text }, `Image: ${source.alt_text}`)); break;
    default: box.append(node("div", { class: "picture" }, `A ${source.type} block`));
  }
  return box;
}
