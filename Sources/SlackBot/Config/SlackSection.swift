import Bridge

/// Decodes slack.yaml, except the rules of the policy (see ``RulesSection``).
enum SlackSection {
    static func decode(
        _ root: ConfigNode, _ environment: EnvironmentVariables, _ names: DeclaredNames,
        _ variables: inout VariableProblems
    ) -> SlackSettings {
        var slack = SlackSettings()
        let node = root["slack"]
        slack.botToken = token(node["bot_token"], "SLACK_BOT_TOKEN", prefix: "xoxb-", environment, &variables)
        slack.appToken = token(node["app_token"], "SLACK_APP_TOKEN", prefix: "xapp-", environment, &variables)
        slack.apiURL = apiURL(node["api_url"], environment, &variables) ?? slack.apiURL
        slack.botName = node["bot_name"].text().flatMap { $0.trimmingSpace.isEmpty ? nil : $0 } ?? slack.botName
        slack.workspaceID = node["workspace_id"].text().flatMap { $0.isEmpty ? nil : $0 }
        slack.commands = commands(root["commands"], names)
        slack.behavior = behavior(root["behavior"])
        slack.allowedChannels = allowedChannels(root["allowed_channels"])
        slack.adminChannel = adminChannel(root["channels"]["admin_alerts"])
        slack.mentions = mentions(root["mentions"])
        slack.autoResponses = TriggersSection.autoResponses(root["advanced"]["auto_responses"])
        slack.diagnostics = diagnostics(root["diagnostic_info"], names)
        slack.userInfo = UserInfoSettings.decode(root["user_info_display"])
        slack.templates = TemplatesSection.decode(root["templates"])
        slack.usesButtons = root["interactive"]["use_buttons"].bool() ?? slack.usesButtons
        slack.formatting = FormattingSection.decode(root["formatting"])
        slack.digest = DigestSection.decode(root["digest"])
        noteStreaming(root["behavior"]["streaming"], slack)
        return slack
    }

    /// `streaming: true` that another key makes ineffective.
    private static func noteStreaming(_ node: ConfigNode, _ slack: SlackSettings) {
        guard node.isPresent, slack.behavior.isStreaming, !slack.streamsAnswers else { return }
        let key = slack.formatting.usesBlocks ? "templates.query_success" : "formatting.use_blocks: false"
        node.report("accepted, has no effect with \(key)", .note)
    }

    /// A swapped token is a common mistake of a first set-up, and Slack's error does not name it.
    private static func token(
        _ node: ConfigNode, _ variable: String, prefix: String, _ environment: EnvironmentVariables,
        _ variables: inout VariableProblems
    ) -> Secret? {
        let hint = "the token that starts with \(prefix) belongs here"
        if let token = environment.secret(variable) {
            _ = node.inactive().secret()
            if !token.revealed.hasPrefix(prefix) { variables.report(variable, "is no such Slack token", hint: hint) }
            return token
        }
        guard let token = node.secret() else { return nil }
        if !token.revealed.hasPrefix(prefix) { node.report("is no such Slack token", hint: hint) }
        return token
    }

    /// Tokens are sent to this address, so http is accepted on loopback only.
    private static func apiURL(
        _ node: ConfigNode, _ environment: EnvironmentVariables, _ variables: inout VariableProblems
    ) -> String? {
        let hint = "use https://slack.com/api/; http only on loopback"
        let variable = environment["SLACK_API_URL"]
        let written = variable == nil ? node.text() : node.inactive().text()
        guard let url = variable ?? written, !url.isEmpty else { return nil }
        guard let address = WebAddress(url), address.isSecure || address.isLoopback else {
            if variable == nil {
                node.report("is no address for Slack's API", hint: hint)
            } else {
                variables.report("SLACK_API_URL", "is no address for Slack's API", hint: hint)
            }
            return nil
        }
        return url.hasSuffix("/") ? url : "\(url)/"
    }

    private static func commands(_ node: ConfigNode, _ names: DeclaredNames) -> [String: SlackSettings.Command] {
        var commands = SlackSettings.Command.defaults
        var lines: [String: Int] = [:]
        for entry in node.elements() {
            let key = entry["command"]
            let written = key.requiredText(hint: "name the slash command, as /omni")
            let name = written.map { $0.hasPrefix("/") ? $0 : "/\($0)" } ?? ""
            let (isEnabled, description) = (entry["enabled"].bool(), entry["description"].text())
            let (usageHint, role) = (entry["usage_hint"].text(), requiredRole(entry["required_role"], names))
            let examples = entry["examples"].texts()
            guard written != nil else { continue }
            guard var command = commands[name] else {
                let nearest = SpellingSuggestion.of(name, among: commands.keys)
                key.report(
                    "Omni has no command \"\(key.written)\"", .warning,
                    hint: nearest.map { "did you mean \($0)?" } ?? "remove the entry")
                continue
            }
            if let line = lines[name] {
                key.report("the command \(name) is written twice", hint: "the first is on line \(line); keep one")
                continue
            }
            lines[name] = key.position?.line ?? 0
            command.isEnabled = isEnabled ?? command.isEnabled
            command.description = description ?? command.description
            command.usageHint = usageHint ?? command.usageHint
            command.examples = examples ?? command.examples
            if let role { command.requiredRole = role.isEmpty ? nil : role }
            commands[name] = command
        }
        return commands
    }

    /// Empty for all roles (`all` or `"*"`), nil when absent or undeclared.
    private static func requiredRole(_ node: ConfigNode, _ names: DeclaredNames) -> String? {
        guard let text = node.text() else { return nil }
        return ["", "all", "*"].contains(text) ? "" : names.rankedRole(node)
    }

    private static func behavior(_ node: ConfigNode) -> SlackSettings.Behavior {
        var behavior = SlackSettings.Behavior()
        behavior.style = node["response_style"].choice("response style", AnswerVoice.Style.self) ?? behavior.style
        behavior.usesEmoji = node["use_emoji"].bool() ?? behavior.usesEmoji
        behavior.acknowledgesAtOnce = node["immediate_ack"].bool() ?? behavior.acknowledgesAtOnce
        behavior.timeoutMessage =
            node["timeout_message"].text().flatMap { $0.trimmingSpace.isEmpty ? nil : $0 } ?? behavior.timeoutMessage
        behavior.acknowledgement = node["ack_message"].text() ?? behavior.acknowledgement
        behavior.queryTimeout = node["query_timeout_seconds"].duration() ?? behavior.queryTimeout
        behavior.isStreaming = node["streaming"].bool() ?? behavior.isStreaming
        behavior.includesErrorID = node["include_error_id"].bool() ?? behavior.includesErrorID
        return behavior
    }

    private static func allowedChannels(_ node: ConfigNode) -> SlackSettings.AllowedChannels {
        func channels(_ key: String) -> [String] { (node[key].texts() ?? []).map(ChannelRule.channel) }
        var allowed = SlackSettings.AllowedChannels()
        allowed.mode = node["mode"].choice("mode", SlackSettings.AllowedChannels.Mode.self) ?? allowed.mode
        allowed.whitelist = channels("whitelist")
        allowed.blacklist = channels("blacklist")
        allowed.allowsDirectMessages = node["allow_direct_messages"].bool() ?? allowed.allowsDirectMessages
        allowed.allowsPrivateChannels = node["allow_private_channels"].bool() ?? allowed.allowsPrivateChannels
        if allowed.mode != .any { node[allowed.mode.rawValue].reportIfEmpty() }
        let hasUnread = node["whitelist"].elements().contains(where: \.hasProblem)
        if allowed.mode == .whitelist, allowed.whitelist.isEmpty, !hasUnread, !allowed.allowsDirectMessages {
            node.report(
                "an impossible rule: nothing is on the whitelist and direct messages are off",
                hint: "list a channel, or use mode any")
        }
        return allowed
    }

    private static func adminChannel(_ node: ConfigNode) -> String? {
        let (isEnabled, channel) = (node["enabled"].bool() ?? true, node["channel"].text())
        if isEnabled { node["channel"].reportIfEmpty() }
        return isEnabled ? channel.flatMap { $0.isEmpty ? nil : $0 } : nil
    }

    private static func mentions(_ node: ConfigNode) -> SlackSettings.Mentions {
        var mentions = SlackSettings.Mentions()
        mentions.respondsToMentions = node["respond_to_mentions"].bool() ?? mentions.respondsToMentions
        mentions.respondsToDirectMessages =
            node["respond_to_dm_without_command"].bool() ?? mentions.respondsToDirectMessages
        mentions.directCommand =
            node["dm_default_command"].choice("command", SlackSettings.DirectCommand.self) ?? mentions.directCommand
        mentions.respondsToName = node["respond_to_name"].bool() ?? mentions.respondsToName
        mentions.nameTriggers = node["name_triggers"].texts()?.map { $0.lowercased() } ?? mentions.nameTriggers
        mentions.reactions = TriggersSection.reactions(node["reaction_triggers"])
        return mentions
    }

    private enum DiagnosticFormat: String, CaseIterable { case compact, detailed }

    private static func diagnostics(_ node: ConfigNode, _ names: DeclaredNames) -> SlackSettings.Diagnostics {
        var diagnostics = SlackSettings.Diagnostics()
        func flag(_ key: String, _ flag: inout Bool) { flag = node[key].bool() ?? flag }
        flag("enabled", &diagnostics.isEnabled)
        flag("show_tool_calls", &diagnostics.showsToolCalls)
        flag("show_iterations", &diagnostics.showsIterations)
        flag("show_timing", &diagnostics.showsTiming)
        flag("show_tokens", &diagnostics.showsTokens)
        flag("show_cost", &diagnostics.showsCost)
        flag("show_mcp_choices", &diagnostics.showsServers)
        diagnostics.isDetailed = node["format"].choice("format", DiagnosticFormat.self) == .detailed
        diagnostics.places.decode(node)
        let roles = node["show_for_roles"]
        if roles.textsUnlessAll() != nil { diagnostics.roles = roles.listItems().compactMap(names.role) }
        return diagnostics
    }
}
