// Unread messages of a user. Stored in sessionStorage, so that a reload does not mark them as read.
const kept = JSON.parse(sessionStorage.getItem("read") ?? "{}");

export class Unread {
  constructor(pane) { this.pane = pane; }

  /** The last seen ts by channel, or by thread `channel:ts`; messages of the first view count as read (`base`). */
  get marks() {
    const { viewer, messages } = this.pane.view;
    return kept[viewer] ??= { base: messages.at(-1)?.ts ?? "0" };
  }

  isNew(message, key) {
    const { marks } = this;
    return message.user !== this.pane.view.viewer && Number(message.ts) > Number(marks[key] ?? marks.base);
  }

  see(key) {
    this.marks[key] = this.pane.view.messages.at(-1)?.ts ?? this.marks.base;
    sessionStorage.setItem("read", JSON.stringify(kept));
  }

  /** Unread messages of a channel, without replies. */
  inChannel(channel) {
    return this.pane.view.messages.filter((one) => one.channel === channel && this.pane.isRoot(one) && this.isNew(one, channel));
  }

  inThread(channel, ts) {
    return this.pane.view.messages.filter((one) =>
      one.channel === channel && one.thread_ts === ts && one.ts !== ts && this.isNew(one, `${channel}:${ts}`)).length;
  }

  /** The number of unread direct messages, mentions, and replies in threads that the user takes part in. */
  count(channel) {
    const { viewer, messages } = this.pane.view;
    const names = (one) => one.user === viewer || (one.text ?? "").includes(`<@${viewer}>`);
    const all = messages.filter((one) => one.channel === channel.id);
    const mine = new Set(all.filter(names).map((one) => one.thread_ts ?? one.ts));
    const direct = this.inChannel(channel.id).filter((one) => channel.kind === "im" || names(one)).length;
    return direct + [...mine].reduce((sum, ts) => sum + this.inThread(channel.id, ts), 0);
  }
}
