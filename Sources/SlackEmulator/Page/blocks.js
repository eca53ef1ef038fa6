// Block Kit as DOM nodes.
import { emojiOf, markdown, mrkdwn, node } from "/text.js";

function textObject(text) {
  if (!text) return "";
  return text.type === "mrkdwn" ? mrkdwn(text.text) : node("div", { class: "words" }, text.text);
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

function button(element, press) {
  const label = element.text?.text ?? "Choose";
  return node("button", {
    type: "button", class: element.style, "aria-label": element.accessibility_label,
    onclick: (event) => {
      if (element.url) window.open(element.url, "_blank", "noreferrer");
      press(event.currentTarget, element.action_id, element.value);
    },
  }, label.replace(/:([a-z0-9_+-]+):/g, (all, name) => emojiOf(name)));
}

function interactive(element, press) {
  switch (element.type) {
    case "feedback_buttons": {
      const side = (part) => node("button", {
        type: "button", class: "quiet", "aria-label": part.accessibility_label,
        onclick: (event) => press(event.currentTarget, element.action_id, part.value),
      }, part.text.text.replace(/:([a-z0-9_+-]+):/g, (all, name) => emojiOf(name)));
      return [side(element.positive_button), side(element.negative_button)];
    }
    case "overflow": case "static_select":
      return element.options.map((option) => node("button", {
        type: "button", class: "quiet", onclick: (event) => press(event.currentTarget, element.action_id, option.value),
      }, option.text.text));
    case "icon_button":
      return [button({ ...element, text: { text: element.text?.text ?? "Delete" } }, press)];
    case "image": return [node("span", { class: "picture" }, element.alt_text)];
    default: return [button(element, press)];
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
  const marks = { complete: "✓", error: "✕", in_progress: "…" };
  const words = [card.details, card.output].filter((part) => typeof part === "string" && part).join(" ");
  return node("div", { class: `task ${card.status}` }, node("span", { class: "state", "aria-label": card.status }, marks[card.status] ?? "○"),
    card.title, words ? node("span", { class: "note" }, words) : null);
}

/** One block; `press(button, actionID, value)` is called for interactive elements. */
export function block(source, press) {
  const box = node("div", { class: "block" });
  switch (source.type) {
    case "header": box.append(node("h3", {}, source.text.text)); break;
    case "section":
      if (source.text) box.append(textObject(source.text));
      if (source.fields) box.append(node("div", { class: "fields" }, ...source.fields.map(textObject)));
      if (source.accessory) box.append(node("div", { class: "actions" }, ...interactive(source.accessory, press)));
      break;
    case "context":
      box.append(node("div", { class: "context" }, ...source.elements.map((element) =>
        element.type === "image" ? node("span", {}, element.alt_text) : textObject(element))));
      break;
    case "divider": box.append(node("hr")); break;
    case "actions": case "context_actions":
      box.append(node("div", { class: "actions" }, ...source.elements.flatMap((element) => interactive(element, press))));
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
