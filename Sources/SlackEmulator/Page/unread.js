// What a person has not seen yet. Kept by the tab, so that a reload does not make all of it read.
const kept = JSON.parse(sessionStorage.getItem("read") ?? "{}");

export class Unread {
  constructor(pane) { this.pane = pane; }

  /** When this person last looked at a channel, or at a thread `channel:ts`; what was there at the first look is old. */
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

  /** New messages of the channel itself. */
  inChannel(channel) {
    return this.pane.view.messages.filter((one) => one.channel === channel && this.pane.isRoot(one) && this.isNew(one, channel));
  }

  inThread(channel, ts) {
    return this.pane.view.messages.filter((one) =>
      one.channel === channel && one.thread_ts === ts && one.ts !== ts && this.isNew(one, `${channel}:${ts}`)).length;
  }

  /** What concerns this person: direct messages, mentions, and replies in the threads they take part in. */
  count(channel) {
    const { viewer, messages } = this.pane.view;
    const names = (one) => one.user === viewer || (one.text ?? "").includes(`<@${viewer}>`);
    const all = messages.filter((one) => one.channel === channel.id);
    const mine = new Set(all.filter(names).map((one) => one.thread_ts ?? one.ts));
    const direct = this.inChannel(channel.id).filter((one) => channel.kind === "im" || names(one)).length;
    return direct + [...mine].reduce((sum, ts) => sum + this.inThread(channel.id, ts), 0);
  }
}
