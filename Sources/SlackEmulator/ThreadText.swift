import Bridge

extension Emulator {
    /// A thread as plain text, as a user sees it: authors and content; blocks as text, buttons in brackets.
    package func threadText(_ place: String, _ ts: String) -> String {
        let snapshot = snapshot
        return snapshot.thread(place, ts).map { ThreadText.render($0, in: snapshot.state) }.joined(separator: "\n\n")
    }

    /// One message in the same form, for ephemeral ones.
    package func messageText(_ message: EmulatedMessage) -> String { ThreadText.render(message, in: snapshot.state) }
}

/// Renders messages as plain text.
enum ThreadText {
    static func render(_ message: EmulatedMessage, in state: WorkspaceState) -> String {
        let author = state.person(message.user)?.realName ?? message.user
        let badge = message.botID == nil ? "" : " [app]"
        let privacy =
            message.isEphemeral ? "  (only visible to \(state.person(message.onlyFor ?? "")?.name ?? "one"))" : ""
        let edited = message.isEdited ? " (edited)" : ""
        let body =
            message.botID == nil || message.blocks.isEmpty
            ? [words(message.text, state)] : message.blocks.flatMap { block($0, state) }
        let lines = (body + message.files.map(file))
            .flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let indent = message.isReply ? "  │ " : "  "
        let head = (message.isReply ? "  ┌ " : "") + author + badge + privacy + edited
        return ([head] + lines.map { indent + $0 }).joined(separator: "\n")
    }

    private static func file(_ file: JSONValue) -> String {
        let altText = file["alt_txt"]?.string.map { ", \($0)" } ?? ""
        return "[file: \(file["name"]?.string ?? "")\(altText)]"
    }

    private static func block(_ block: JSONValue, _ state: WorkspaceState) -> [String] {
        func text(_ value: JSONValue?) -> String { words(value?["text"]?.string ?? value?.string ?? "", state) }
        switch block["type"]?.string {
        case "header": return [text(block["text"]).uppercased()]
        case "section":
            return [text(block["text"])].filter { !$0.isEmpty } + (block["fields"]?.array ?? []).map { text($0) }
        case "markdown": return [block["text"]?.string ?? ""]
        case "divider": return ["────────"]
        case "context":
            return [(block["elements"]?.array ?? []).map { $0["alt_text"]?.string ?? text($0) }.joined(separator: "  ")]
        case "actions", "context_actions":
            return [(block["elements"]?.array ?? []).map { button($0) }.joined(separator: " ")]
        case "image": return ["[image: \(block["alt_text"]?.string ?? "")]"]
        case "table": return table(block)
        case "rich_text": return [rich(block, state)]
        case "task_card": return [task(block)]
        case "plan":
            return [block["title"]?.string ?? "Plan"] + (block["tasks"]?.array ?? []).map { task($0) }
        default: return []
        }
    }

    private static func task(_ card: JSONValue) -> String {
        let marks = ["complete": "[x]", "error": "[!]", "in_progress": "[~]"]
        return "\(marks[card["status"]?.string ?? ""] ?? "[ ]") \(card["title"]?.string ?? "")"
    }

    private static func button(_ element: JSONValue) -> String {
        if element["type"] == "feedback_buttons" {
            let sides = [element["positive_button"], element["negative_button"]]
            return sides.map { "[\($0?["text"]?["text"]?.string ?? "")]" }.joined(separator: " ")
        }
        return "[\(element["text"]?["text"]?.string ?? element["type"]?.string ?? "")]"
    }

    private static func table(_ block: JSONValue) -> [String] {
        let rows = (block["rows"]?.array ?? []).map { row in (row.array ?? []).map { cell($0) } }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { $1 + String(repeating: " ", count: widths[$0] - $1.count) }.joined(separator: " │ ")
        }
    }

    private static func cell(_ cell: JSONValue) -> String {
        cell["text"]?.string ?? cell["value"]?.double.map { "\($0)" } ?? plain(cell["elements"] ?? .null)
    }

    /// The text in rich text, at any depth.
    private static func plain(_ value: JSONValue) -> String {
        if let elements = value.array { return elements.map { plain($0) }.joined() }
        return (value["text"]?.string ?? "") + (value["elements"].map { plain($0) } ?? "")
    }

    private static func rich(_ value: JSONValue, _ state: WorkspaceState) -> String {
        (value["elements"]?.array ?? []).map { element in
            switch element["type"]?.string {
            case "user": "@" + (state.person(element["user_id"]?.string ?? "")?.name ?? "someone")
            case "channel": "#" + (state.channel(element["channel_id"]?.string ?? "")?.name ?? "channel")
            case "link": element["text"]?.string ?? element["url"]?.string ?? ""
            default: (element["text"]?.string ?? "") + rich(element, state)
            }
        }.joined()
    }

    /// mrkdwn as a user sees it: names for ids, labels for links, no entities.
    static func words(_ mrkdwn: String, _ state: WorkspaceState) -> String {
        var output = ""
        var rest = Substring(mrkdwn)
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            output += rest[..<start]
            let parts = rest[rest.index(after: start)..<end].split(separator: "|", maxSplits: 1)
            let target = parts.first.map(String.init) ?? ""
            let id = String(target.dropFirst())
            if target.hasPrefix("@") {
                output += "@" + (state.person(id)?.name ?? id)
            } else if target.hasPrefix("#") {
                output += "#" + (state.channel(id)?.name ?? id)
            } else if target.hasPrefix("!") {
                output += parts.count > 1 ? String(parts[1]) : "@" + id
            } else {
                output += parts.count > 1 ? "\(parts[1]) (\(target))" : target
            }
            rest = rest[rest.index(after: end)...]
        }
        return ComposerText.decode(output + rest)
    }
}
