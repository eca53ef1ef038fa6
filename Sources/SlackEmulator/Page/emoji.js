// The supported shortcodes; others stay as they are.
const emoji = {
  eyes: "👀", warning: "⚠️", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", mag: "🔍", bar_chart: "📊", chart_with_upwards_trend: "📈", hourglass_flowing_sand: "⏳",
  hourglass: "⌛", tada: "🎉", robot_face: "🤖", wrench: "🔧", rotating_light: "🚨", information_source: "ℹ️",
  frame_with_picture: "🖼️", page_facing_up: "📄", paperclip: "📎", raised_hand: "✋",
  no_entry: "⛔", no_entry_sign: "🚫", lock: "🔒", heart: "❤️", stopwatch: "⏱️", gear: "⚙️", bulb: "💡", red_circle: "🔴",
  large_green_circle: "🟢", large_yellow_circle: "🟡", white_circle: "⚪", large_blue_circle: "🔵", octagonal_sign: "🛑",
  grey_question: "❔", question: "❓", exclamation: "❗", small_blue_diamond: "🔹", point_right: "👉", wave: "👋", fire: "🔥",
  rocket: "🚀", speech_balloon: "💬", memo: "📝", bell: "🔔", clock3: "🕒", package: "📦", chart_with_downwards_trend: "📉",
  arrow_right: "➡️", ok_hand: "👌", pray: "🙏", smile: "😄", thinking_face: "🤔", raised_hands: "🙌", floppy_disk: "💾",
  trash: "🗑️", wastebasket: "🗑️", pause_button: "⏸️", repeat: "🔁", key: "🔑", moneybag: "💰", calendar: "📅",
};

/** The emoji of a shortcode, which is named without colons. */
export function emojiOf(name) { return emoji[name] ?? `:${name}:`; }

/** A text with emoji in place of its shortcodes. */
export function withEmoji(text) { return text.replace(/:([a-z0-9_+-]+):/g, (all, name) => emoji[name] ?? all); }
