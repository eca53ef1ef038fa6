// The entries of the traffic log as rows: what was sent, in which direction, and with which result.

/** The first 160 characters of a text on one line, with names for user ids. */
const clip = (text, names) => {
  const line = text.replace(/<@(\w+)>/g, (all, id) => names(id)).replace(/\s+/g, " ");
  return line.length > 160 ? line.slice(0, 160) + "…" : line;
};

function words(payload, names) {
  const event = payload.event ?? payload;
  const who = names(event.user?.id ?? event.user ?? payload.user_id);
  const text = event.text ?? event.message?.text ?? payload.actions?.map((one) => one.action_id).join(", ") ?? "";
  return [who, payload.command, text].filter(Boolean).join(" ");
}

/** Reasons with which Slack announces that a connection is to be replaced. */
const replacements = ["warning", "refresh_requested"];

function sent(entry, names) {
  const frame = entry.detail?.frame ?? {};
  const payload = frame.payload ?? {};
  const event = payload.event;
  const name = event ? [event.type, event.subtype].filter(Boolean).join(".") : payload.type ?? entry.name;
  const retry = frame.retry_attempt ? `again (${frame.retry_attempt}) ` : "";
  const about = frame.envelope_id ? words(payload, names) : [frame.reason, frame.num_connections && `${frame.num_connections} connections`].filter(Boolean).join(" ");
  const isBad = frame.type === "disconnect" && !replacements.includes(frame.reason);
  return { kind: "envelope", way: "in", name, about: retry + clip(about, names), envelope: frame.envelope_id, isBad };
}

/** A row: kind (call, envelope, socket), way (in: to the app, out: from it), name, about, outcome, isBad. */
export function row(entry, names) {
  const detail = entry.detail ?? {};
  const socket = detail.socket === undefined ? "" : `socket ${detail.socket}`;
  switch (entry.kind) {
    case "call": {
      const said = detail.arguments ?? {};
      const text = said.text ?? said.markdown_text ?? said.status ?? said.name ?? "";
      const place = names(said.channel ?? said.channel_id ?? said.user);
      const outcome = detail.fault ?? (detail.ok ? "ok" : detail.status > 200 ? `${detail.status} ${detail.error}` : detail.error);
      return { kind: "call", way: "out", name: entry.name, about: clip([place, text].filter(Boolean).join(" "), names), outcome, isBad: !detail.ok };
    }
    case "response":
      return { kind: "call", way: "out", name: "response_url", about: clip(detail.text ?? detail.body?.text ?? "", names), outcome: entry.name, isBad: entry.name !== "ok" };
    case "sent": return sent(entry, names);
    case "opened": return { kind: "socket", way: "out", name: "socket opened", about: socket, outcome: "" };
    case "closed":
      return { kind: "socket", way: "out", name: "socket closed", about: socket, outcome: `${entry.name}${detail.code ? ` ${detail.code}` : ""}`, isBad: detail.code !== 1000 && entry.name !== "cancelled" };
    case "refused": return { kind: "socket", way: "out", name: "socket refused", about: "", outcome: `${entry.name} ${detail.status ?? ""}`, isBad: true };
    case "unacknowledged": return { kind: "envelope", way: "in", name: entry.name, about: `delivery ${detail.attempt + 1}`, outcome: "not acknowledged", isBad: true };
    default: return { kind: "envelope", way: "out", name: `${entry.kind} ${entry.name}`, about: socket, outcome: "", isBad: entry.kind === "malformed" };
  }
}

/** All rows. An acknowledgement is shown on its envelope's row, as the time since the envelope was sent. */
export function rows(entries, names) {
  const waiting = new Map();
  const all = [];
  for (const entry of entries) {
    if (entry.kind === "received" && entry.name === "acknowledgement") {
      const asked = waiting.get(entry.detail?.frame?.envelope_id);
      if (asked) {
        const time = (Number(entry.time) - Number(asked.entry.time)) * 1000;
        Object.assign(asked, { outcome: `ack ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`, isBad: time > 3000, answered: entry });
        continue;
      }
    }
    const one = { entry, ...row(entry, names) };
    if (one.envelope) {
      one.outcome = "no ack yet";
      waiting.set(one.envelope, one);
    }
    all.push(one);
  }
  return all;
}

/** Whether an entry's detail holds one of these timestamps, at any depth. */
export function concerns(value, timestamps) {
  if (typeof value === "string") return timestamps.has(value);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some((part) => concerns(part, timestamps));
}
