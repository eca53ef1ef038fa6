import Bridge

/// threading.yaml decoded: which replies in a thread are questions to Omni, and how much of the thread the model gets.
struct ThreadingSettings: Sendable, Hashable {
    var followUp = FollowUpRule.Mode.asker
    var history = ThreadHistoryRules()
}

/// Decodes threading.yaml.
enum ThreadingSection {
    static func decode(_ root: ConfigNode) -> ThreadingSettings {
        var threading = ThreadingSettings()
        let node = root["threading"]
        if node["behavior"]["continue_threads"].bool() == false { threading.followUp = .never }
        threading.followUp = node["follow_up"].choice("rule", FollowUpRule.Mode.self) ?? threading.followUp
        limits(node["context"], into: &threading.history.threads)
        // The original has two switches for one thing: the model gets the history only when both are on.
        if node["context"]["send_to_llm"].bool() == false { threading.history.threads.isEnabled = false }
        if node["enabled"].bool() == false {
            threading.followUp = .never
            threading.history.threads.isEnabled = false
        }
        limits(root["direct_messages"]["context"], into: &threading.history.direct)
        for (name, channel) in root["channel_overrides"].entries() {
            let (isThreaded, isRecalled) = (channel["threading_enabled"].bool(), channel["context_enabled"].bool())
            guard let isEnabled = isThreaded == false ? false : isRecalled else { continue }
            threading.history.channels[ChannelRule.channel(name)] = isEnabled
        }
        return threading
    }

    private static func limits(_ node: ConfigNode, into limits: inout ThreadHistoryLimits) {
        limits.isEnabled = node["enabled"].bool() ?? limits.isEnabled
        limits.turns = node["max_messages"].int(in: 0...100) ?? limits.turns
        limits.tokens = node["max_tokens"].int(in: 500...200_000) ?? limits.tokens
    }
}
