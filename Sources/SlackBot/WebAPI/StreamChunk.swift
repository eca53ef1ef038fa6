import Bridge

/// A part of a streamed message (`chunks` of chat.startStream, chat.appendStream and chat.stopStream).
enum StreamChunk: Sendable, Hashable {
    /// Markdown, appended to the text so far; at most ``longestText`` characters a call.
    case markdown(String)
    /// A card, new or in place of the one with the same id.
    case task(TaskCard)

    /// Slack's limit of the text of one call, in characters.
    static let longestText = 12_000

    /// Decodes ``json``; nil for anything else.
    init?(_ json: JSONValue) {
        if json["type"] == "markdown_text", let text = json["text"]?.string {
            self = .markdown(text)
        } else if let card = TaskCard(json) {
            self = .task(card)
        } else {
            return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .markdown(let text): ["type": "markdown_text", "text": .string(text)]
        case .task(let card): card.json
        }
    }
}

/// A step of the work as a card in a streamed message.
struct TaskCard: Sendable, Hashable {
    enum Status: String, Sendable, Hashable {
        case inProgress = "in_progress"
        case complete, error
    }

    /// Unique in the message.
    var id: String
    var title: String
    var status: Status
    /// Slack appends the details of a later update to the earlier ones, so that they are sent once a message.
    var details: String?
    var output: String?

    init(id: String, title: String, status: Status, details: String? = nil, output: String? = nil) {
        (self.id, self.title, self.status, self.details, self.output) = (id, title, status, details, output)
    }

    fileprivate init?(_ json: JSONValue) {
        guard json["type"] == "task_update", let id = json["id"]?.string, let title = json["title"]?.string,
            let status = json["status"]?.string.flatMap(Status.init(rawValue:))
        else { return nil }
        self.init(
            id: id, title: title, status: status, details: json["details"]?.string, output: json["output"]?.string)
    }

    /// Slack's limit of each field is 256 characters.
    private static let longestField = 250

    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "type": "task_update", "id": .string(id), "title": .string(Self.clipped(title)),
            "status": .string(status.rawValue),
        ]
        if let details { json["details"] = .string(Self.clipped(details)) }
        if let output { json["output"] = .string(Self.clipped(output)) }
        return .object(json)
    }

    private static func clipped(_ text: String) -> String {
        guard text.utf16.count > longestField else { return text }
        var clipped = ""
        var units = 0
        for scalar in text.unicodeScalars {
            units += scalar.value > 0xFFFF ? 2 : 1
            guard units < longestField else { break }
            clipped.unicodeScalars.append(scalar)
        }
        return clipped + "…"
    }
}
