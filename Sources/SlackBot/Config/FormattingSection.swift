import Bridge

extension SlackSettings {
    /// `formatting` of slack.yaml: the form of answers.
    struct Formatting: Sendable, Hashable {
        /// How tables are shown.
        enum TableFormat: String, Sendable, Hashable, CaseIterable {
            /// As Slack's table block, which offers the table as CSV.
            case slackTable = "slack_table"
            /// As a table block, with the CSV attached.
            case csv
            /// As text with aligned columns.
            case markdown
        }

        /// Whether messages have blocks; if false they are Slack's mrkdwn.
        var usesBlocks = true
        var tables = TableFormat.slackTable
        /// The most rows below the head that a table block shows; the rest is in a file.
        var maxTableRows = TableView.mostRows
        /// The most UTF-16 units of a message.
        var maxMessageLength = MarkdownParts.limit
        /// `truncate_message`: said under the beginning of an answer that is in a file, in mrkdwn; nil: Omni's own text.
        var truncation: String?
    }
}

/// Decodes `formatting` of slack.yaml.
enum FormattingSection {
    static func decode(_ node: ConfigNode) -> SlackSettings.Formatting {
        var formatting = SlackSettings.Formatting()
        formatting.usesBlocks = node["use_blocks"].bool() ?? formatting.usesBlocks
        formatting.tables =
            node["table_format"].choice("table format", SlackSettings.Formatting.TableFormat.self) ?? formatting.tables
        formatting.maxTableRows = node["max_table_rows"].int(in: 1...TableView.mostRows) ?? formatting.maxTableRows
        formatting.maxMessageLength =
            node["max_message_length"].int(in: 500...MarkdownParts.limit) ?? formatting.maxMessageLength
        formatting.truncation = node["truncate_message"].text().flatMap { $0.trimmingSpace.isEmpty ? nil : $0 }
        return formatting
    }
}
