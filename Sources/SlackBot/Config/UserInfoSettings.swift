import Bridge

/// `user_info_display` of slack.yaml: whether an answer says who asked, with which role and rights.
struct UserInfoSettings: Sendable, Hashable {
    /// Which elements are shown, unless `elements` says so for one.
    enum Format: String, Sendable, Hashable, CaseIterable {
        case minimal, standard, detailed
        /// As `standard`, in the first answer of a thread only.
        case firstOnly = "first_only"

        fileprivate var elements: Set<Element> {
            switch self {
            case .minimal: [.name]
            case .standard, .firstOnly: [.name, .role, .serverCount]
            case .detailed: Set(Element.allCases)
            }
        }
    }

    /// A part of the line; the raw value is its key in `elements`.
    enum Element: String, Sendable, Hashable, CaseIterable {
        case name = "show_name"
        case role = "show_role"
        case email = "show_email"
        case serverCount = "show_mcp_count"
        case serverNames = "show_mcp_names"
        case permissions = "show_permissions"
    }

    var isEnabled = false
    var format = Format.standard
    var places = ShownPlaces(threads: false)
    var elements = Format.standard.elements
    /// By the name of the role; `default` for the others.
    var roleEmojis: [String: String] = [:]

    /// Decodes `user_info_display`.
    static func decode(_ node: ConfigNode) -> UserInfoSettings {
        var info = UserInfoSettings()
        info.isEnabled = node["enabled"].bool() ?? info.isEnabled
        info.format = node["format"].choice("format", Format.self) ?? info.format
        info.places.decode(node)
        info.elements = info.format.elements
        for element in Element.allCases {
            guard let isShown = node["elements"][element.rawValue].bool() else { continue }
            if isShown { info.elements.insert(element) } else { info.elements.remove(element) }
        }
        for (role, emoji) in node["role_emojis"].entries() { info.roleEmojis[role] = emoji.text() }
        return info
    }

    /// Whether the answer to a question of that place has the line.
    ///
    /// - Parameter beginsThread: whether the question is the first message of its thread.
    func isShown(in place: Place, beginsThread: Bool) -> Bool {
        guard isEnabled, format != .firstOnly || beginsThread else { return false }
        return places.contains(place, beginsThread: beginsThread)
    }
}

/// `show_in_dm`, `show_in_channels` and `show_in_threads` of a section of slack.yaml.
struct ShownPlaces: Sendable, Hashable {
    var direct = true
    /// Answers to a channel's messages and commands.
    var channels = true
    /// Answers to messages in a channel's threads.
    var threads = true

    mutating func decode(_ node: ConfigNode) {
        direct = node["show_in_dm"].bool() ?? direct
        channels = node["show_in_channels"].bool() ?? channels
        threads = node["show_in_threads"].bool() ?? threads
    }

    func contains(_ place: Place, beginsThread: Bool) -> Bool {
        place.isDirect ? direct : beginsThread ? channels : threads
    }
}
