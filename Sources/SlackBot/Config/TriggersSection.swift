import Bridge
import Yams

/// Decodes the keys of slack.yaml by which a message is asked about without a question of a person's own.
enum TriggersSection {
    /// Slack's limit of a section, less what Omni may add.
    private static let longestResponse = 2_900

    /// `reactions` maps names to what they ask; a list of `{emoji, action}` is the same.
    static func reactions(_ section: ConfigNode) -> ReactionTriggers {
        var triggers = ReactionTriggers()
        triggers.isEnabled = section["enabled"].bool() ?? false
        let node = section["reactions"]
        guard node.isPresent else { return triggers }
        let pairs: [(name: String?, action: ConfigNode)] =
            node.node?.sequence == nil
            ? node.entries().map { ($0.name, $0.value) }
            : node.elements().map { ($0["emoji"].text(), $0["action"]) }
        triggers.questions = [:]
        for (name, action) in pairs {
            guard let name = name?.trimming(":"), !name.isEmpty, let text = action.text()?.trimmingSpace, !text.isEmpty
            else { continue }
            triggers.questions[name] =
                ReactionTriggers.Action(rawValue: text.lowercased()).map(UserMessages.asked) ?? text
        }
        return triggers
    }

    /// The entries; none when they are switched off, and then a missing pattern is no problem.
    static func autoResponses(_ section: ConfigNode) -> AutoResponses {
        let isEnabled = section["enabled"].bool() ?? false
        let entries = (isEnabled ? section : section.inactive())["patterns"].elements().compactMap(entry)
        return AutoResponses(entries: isEnabled ? entries : [])
    }

    private static func entry(_ node: ConfigNode) -> AutoResponses.Entry? {
        let (key, response) = (node["pattern"], node["response"])
        let channels = node["channels"].texts().map { Set($0.map(ChannelRule.channel)) }
        node["channels"].reportIfEmpty()
        let text = response.text()
        if let text, text.utf16.count > longestResponse {
            response.report("the response is too long", hint: "use at most \(longestResponse) characters")
        }
        guard let written = key.requiredText(hint: "write the pattern of a message, as \"*vpn*\"") else { return nil }
        do {
            return AutoResponses.Entry(
                pattern: try Glob(written.lowercased()), response: text.flatMap { $0.isEmpty ? nil : $0 },
                channels: channels)
        } catch {
            let reason = (error as? Glob.BadGlob)?.reason ?? "is no pattern"
            key.report("the pattern \"\(key.written)\" \(reason)", hint: "use words with *, ? and [a-z]")
            return nil
        }
    }
}

extension String {
    /// The text without that character at its ends.
    fileprivate func trimming(_ sign: Character) -> String {
        var rest = self[...]
        while rest.first == sign { rest.removeFirst() }
        while rest.last == sign { rest.removeLast() }
        return String(rest)
    }
}
