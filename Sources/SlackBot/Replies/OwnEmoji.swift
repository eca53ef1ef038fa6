import Bridge

/// Removes the emoji of Omni's own texts, for `behavior.use_emoji: false`. The text of a model is not changed: the model
/// is told to write none.
enum OwnEmoji {
    /// The emoji of Omni's own texts, as they are written; others are a user's.
    static let all =
        [
            "frame_with_picture", "grey_question", "hourglass", "hourglass_flowing_sand", "large_green_circle",
            "large_yellow_circle", "lock", "no_entry", "octagonal_sign", "page_facing_up",
            "paperclip", "raised_hand", "red_circle", "rotating_light",
            "small_blue_diamond", "speech_balloon", "warning", "white_check_mark", "white_circle", "x",
        ].map { ":\($0):" } + ["🔧", "📦", "🤔", "👍", "👎"]

    /// The text without the emoji, and without the space after each; unchanged if nothing else is in it, because Slack
    /// refuses an empty text.
    static func removed(from text: String) -> String {
        let short = all.reduce(text) { $0.replacing("\($1) ", with: "").replacing($1, with: "") }
        return short.trimmingSpace.isEmpty ? text : short
    }

    /// The arguments of a call of Slack's without the emoji in the text objects of their blocks and views, and in
    /// `text` unless it repeats a model's text (a block of type `markdown`).
    static func removed(from arguments: JSONObject) -> JSONObject {
        let isModels = (arguments["blocks"]?.array ?? []).contains { $0["type"] == "markdown" }
        var short = arguments.mapValues { removed(from: $0) }
        if !isModels, let text = arguments["text"]?.string { short["text"] = .string(removed(from: text)) }
        return short
    }

    private static func removed(from value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map { removed(from: $0) })
        case .object(let members):
            var members = members.mapValues { removed(from: $0) }
            if ["mrkdwn", "plain_text"].contains(members["type"]?.string), let text = members["text"]?.string {
                members["text"] = .string(removed(from: text))
            }
            return .object(members)
        default: return value
        }
    }
}
