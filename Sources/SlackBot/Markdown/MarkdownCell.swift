import Bridge

/// Collects the inline nodes of a table's cell as a cell of Slack's table block: raw text, or rich text where there are
/// marks or links. Rich text holds mentions as elements of their own, so that its text cannot notify; mention words are
/// broken all the same, because Slack does not document that.
struct MarkdownCell {
    private var elements: [JSONValue] = []
    /// The open formatting marks by Slack's names.
    private var styles: [String] = []
    /// The text of each open link.
    private var links: [String] = []

    /// Slack's limit of an address.
    private static let longestAddress = 3_000

    /// Adds an inline node; other nodes are ignored.
    mutating func handle(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.text, _): add(event.text)
        case (.code, _): add(event.text, isCode: true)
        case (.html, _):
            let tag = event.text.lowercased().filter { $0 != " " }
            add(tag == "<br>" || tag == "<br/>" ? "\n" : event.text)
        case (.softBreak, _), (.hardBreak, _): add(" ")
        case (.emphasis, let step): mark("italic", step)
        case (.strong, let step): mark("bold", step)
        case (.strike, let step): mark("strike", step)
        case (.link, .enter), (.image, .enter): links.append("")
        case (.link, .leave), (.image, .leave): endLink(event.text)
        default: break
        }
    }

    private mutating func mark(_ style: String, _ step: MarkdownEvent.Step) {
        if step == .enter {
            styles.append(style)
        } else if let last = styles.lastIndex(of: style) {
            styles.remove(at: last)
        }
    }

    private mutating func add(_ text: String, isCode: Bool = false) {
        guard links.isEmpty else {
            links[links.count - 1] += text
            return
        }
        guard !text.isEmpty else { return }
        var element: JSONValue = ["type": "text", "text": .string(MarkdownMentions.broken(text))]
        let styles = Set(styles + (isCode ? ["code"] : [])).sorted()
        if !styles.isEmpty {
            var style: JSONObject = [:]
            for name in styles { style[name] = true }
            element["style"] = .object(style)
        }
        elements.append(element)
    }

    private mutating func endLink(_ address: String) {
        guard let written = links.popLast() else { return }
        let text = written.isEmpty ? address : written
        let isLink = ["https://", "http://", "mailto:"].contains { address.lowercased().hasPrefix($0) }
        guard isLink, links.isEmpty, address.utf16.count <= Self.longestAddress else {
            return add(address.isEmpty || address == text ? text : "\(text) (\(address))")
        }
        let host = MarkdownLinks.hiddenHost(text, address).map { " (\($0))" } ?? ""
        elements.append([
            "type": "link", "url": .string(address), "text": .string(MarkdownMentions.broken(text + host)),
        ])
    }

    /// The cell. Slack refuses an empty text, so that an empty cell has a space.
    var json: JSONValue {
        let isPlain = elements.allSatisfy { $0["type"] == "text" && $0["style"] == nil }
        guard isPlain else {
            return ["type": "rich_text", "elements": [["type": "rich_text_section", "elements": .array(elements)]]]
        }
        let text = elements.compactMap { $0["text"]?.string }.joined().trimmingSpace
        return ["type": "raw_text", "text": .string(text.isEmpty ? " " : text)]
    }
}
