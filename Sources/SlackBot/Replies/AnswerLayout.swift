import Bridge

/// The Markdown of an answer as messages and files: text as markdown blocks, tables as table blocks. What would be more
/// than ``mostMessages`` messages is a file below its beginning.
struct AnswerLayout {
    private(set) var messages: [SlackMessage] = []
    private(set) var files: [FilePost] = []

    static let mostMessages = 4
    /// UTF-16 units of the beginning that stands above a file with the whole answer.
    private static let longestBeginning = 3_000

    private let formatting: SlackSettings.Formatting
    private let question: ULID?
    /// The number of tables so far.
    private var tables = 0
    /// UTF-16 units of the last message, and whether it has a table: of two in a message Slack says
    /// `only_one_table_allowed`.
    private var used = 0
    private var hasTable = false

    /// - Parameter question: what the buttons refer to; nil: without buttons.
    static func of(_ markdown: String, _ formatting: SlackSettings.Formatting, question: ULID?) -> AnswerLayout {
        if formatting.tables != .markdown, formatting.usesBlocks {
            let layout = AnswerLayout(MarkdownPiece.pieces(of: markdown), formatting, question)
            if layout.messages.count <= mostMessages { return layout }
        }
        let layout = AnswerLayout([.text(markdown)], formatting, question)
        return layout.messages.count <= mostMessages ? layout : AnswerLayout(fileOf: markdown, formatting)
    }

    private init(_ pieces: [MarkdownPiece], _ formatting: SlackSettings.Formatting, _ question: ULID?) {
        (self.formatting, self.question) = (formatting, question)
        for piece in pieces {
            switch piece {
            case .text(let text): add(text)
            case .table(let table): add(table)
            }
            // The rest would be in vain.
            if messages.count > Self.mostMessages { return }
        }
    }

    private init(fileOf markdown: String, _ formatting: SlackSettings.Formatting) {
        (self.formatting, question) = (formatting, nil)
        let longest = min(Self.longestBeginning, formatting.maxMessageLength)
        var message = Self.message(Markdown.parts(markdown, limit: longest).first ?? "")
        let line = formatting.truncation ?? UserMessages.wholeInFile(markdown.count)
        message.blocks.append(ContextView.block([String(line.prefix(1_900))]))
        messages = [message]
        files = [FilePost(text: markdown, title: UserMessages.answerTitle, mimeType: FilePost.markdown)]
    }

    private mutating func add(_ text: String) {
        for part in Markdown.parts(text, limit: formatting.maxMessageLength) {
            put([["type": "markdown", "text": .string(part)]])
        }
    }

    private mutating func add(_ table: MarkdownTable.Table) {
        tables += 1
        guard let view = TableView.block(table, rows: formatting.maxTableRows) else {
            add(MarkdownTable.draw(table.rows).joined(separator: "\n"))
            return attach(table)
        }
        let title = UserMessages.tableTitle(tables)
        let isAttached = !view.isWhole || formatting.tables == .csv
        var blocks = [view.block]
        if isAttached {
            let line =
                view.isWhole
                ? UserMessages.tableAttached(title)
                : UserMessages.tableCut(
                    view.rows, of: table.rows.count - 1, columns: table.rows.first?.count ?? 0, file: title)
            blocks.append(ContextView.block([line]))
            attach(table)
        } else if let question {
            blocks.append(TableButtonView.block(question, table: tables))
        }
        if hasTable { used = formatting.maxMessageLength }
        put(blocks)
        hasTable = true
    }

    private mutating func attach(_ table: MarkdownTable.Table) {
        files.append(.table(table.rows, title: UserMessages.tableTitle(tables)))
    }

    /// Appends the blocks to the last message, or to a new one when they do not fit.
    private mutating func put(_ blocks: [JSONValue]) {
        let units = blocks.reduce(0) { $0 + SlackMessage.units($1) }
        if !messages.isEmpty, used + units <= formatting.maxMessageLength {
            messages[messages.count - 1].blocks += blocks
            used += units
        } else {
            var message = SlackMessage(text: "", blocks: blocks)
            message.text = Self.notification(AnswerMessages.markdown(of: message))
            messages.append(message)
            (used, hasTable) = (units, false)
        }
    }

    /// A message with one markdown block.
    static func message(_ part: String) -> SlackMessage {
        SlackMessage(text: notification(part), blocks: [["type": "markdown", "text": .string(part)]])
    }

    /// The text of a notification; `chat.update` accepts at most 4,000 characters of text, and escaping lengthens it.
    private static func notification(_ markdown: String) -> String {
        Markdown.asMrkdwn(String(markdown.prefix(600)))
    }
}

extension SlackMessage {
    /// UTF-16 units of all texts and addresses in a block, at any depth. Slack does not document what it counts; UTF-16
    /// units are never fewer than characters.
    static func units(_ block: JSONValue) -> Int {
        switch block {
        case .array(let elements): elements.reduce(0) { $0 + units($1) }
        case .object(let members):
            members.reduce(0) { sum, member in
                let text = ["text", "url"].contains(member.key) ? member.value.string : nil
                return sum + (text?.utf16.count ?? units(member.value))
            }
        default: 0
        }
    }
}
