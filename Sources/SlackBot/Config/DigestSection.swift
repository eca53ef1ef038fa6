import Bridge

/// Decodes `digest` of slack.yaml.
enum DigestSection {
    static func decode(_ written: ConfigNode) -> DigestSettings {
        var digest = DigestSettings()
        digest.isEnabled = written["enabled"].bool() ?? digest.isEnabled
        let node = digest.isEnabled ? written : written.inactive()
        digest.channel = channel(node["channel"], isRequired: digest.isEnabled)
        digest.at = time(node["at"]) ?? digest.at
        digest.days = days(node["days"]) ?? digest.days
        digest.period = node["period"].choice("period", DigestSettings.Period.self) ?? digest.period
        return digest
    }

    private static func channel(_ node: ConfigNode, isRequired: Bool) -> String {
        let hint = "name the channel, as \"#ops-reports\" or by its id"
        guard let name = isRequired ? node.requiredText(hint: hint) : node.text(), !name.isEmpty else { return "" }
        // Slack's methods accept a name with # only.
        return ChannelRule.isName(name) && !name.hasPrefix("#") ? "#\(name)" : name
    }

    private static func time(_ node: ConfigNode) -> DigestSettings.TimeOfDay? {
        guard let text = node.text() else { return nil }
        guard let time = DigestSettings.TimeOfDay(text) else {
            node.report(
                "no time of day: \"\(node.written)\"", hint: "write hours and minutes, as \"09:00\" or \"17:30\"")
            return nil
        }
        return time
    }

    private static func days(_ node: ConfigNode) -> Set<DigestSettings.Weekday>? {
        guard node.isPresent else { return nil }
        let items = node.elements()
        if items.isEmpty, !node.hasProblem {
            node.report("a list without a day", hint: "list days, as [mon, fri], or use enabled: false")
        }
        let days = items.compactMap { $0.choice("day", DigestSettings.Weekday.self) }
        return days.isEmpty ? nil : Set(days)
    }
}
