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

    /// Those that stand after a separator too.
    private static let afterSeparator = ["📦", "👎"]

    /// The text without the emoji where Omni's own texts have theirs: at the beginning of a line, with a space after it,
    /// and some after a separator. Anywhere else they are a user's or a model's. Unchanged if nothing else is in it,
    /// because Slack refuses an empty text.
    static func removed(from text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            afterSeparator.reduce(String(withoutFirst(line))) { $0.replacing(" · \($1) ", with: " · ") }
        }
        let short = lines.joined(separator: "\n")
        return short.trimmingSpace.isEmpty ? text : short
    }

    /// The line without the emoji that it begins with.
    private static func withoutFirst(_ line: Substring) -> Substring {
        guard let emoji = all.first(where: { line.hasPrefix("\($0) ") }) else { return line }
        return withoutFirst(line.dropFirst(emoji.count + 1))
    }

    /// The arguments of a call of Slack's without the emoji in the mrkdwn of their blocks and views, and in `text` if it
    /// repeats a text of Omni's own: not of a model's (a block of type `markdown`), nor in a message without blocks, which
    /// may be a model's (``AnswerMessages/plain(_:usesEmoji:)``).
    static func removed(from arguments: JSONObject) -> JSONObject {
        var short = arguments.mapValues { removed(from: $0) }
        let blocks = arguments["blocks"]?.array ?? []
        let isOwn = !blocks.isEmpty && !blocks.contains { $0["type"] == "markdown" }
        if isOwn, let text = arguments["text"]?.string { short["text"] = .string(removed(from: text)) }
        return short
    }

    private static func removed(from value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map { removed(from: $0) })
        case .object(let members):
            var members = members.mapValues { removed(from: $0) }
            if members["type"] == "mrkdwn", let text = members["text"]?.string {
                members["text"] = .string(removed(from: text))
            }
            return .object(members)
        default: return value
        }
    }
}
