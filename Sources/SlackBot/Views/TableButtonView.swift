import Bridge

/// The button "Download as CSV" under a table of an answer.
enum TableButtonView {
    static let actionID = "table_csv"

    /// What a press says.
    struct Pressed: Sendable, Hashable {
        let question: ULID
        /// The number of the table in the answer, from 1.
        let table: Int

        /// nil for a value that is none of ours.
        init?(value: String) {
            let words = value.split(separator: " ")
            guard words.count == 2, let question = ULID(String(words[0])), let table = Int(words[1]) else { return nil }
            (self.question, self.table) = (question, table)
        }
    }

    /// - Parameter table: the number of the table in the answer, from 1.
    static func block(_ question: ULID, table: Int) -> JSONValue {
        [
            "type": "actions", "block_id": .string("\(actionID)_\(table)"),
            "elements": [
                [
                    "type": "button", "action_id": .string(actionID), "value": .string("\(question.text) \(table)"),
                    "text": ["type": "plain_text", "text": .string(UserMessages.downloadCSV)],
                ]
            ],
        ]
    }

    /// The rows of the table above the button with this value; nil when none of the messages has it.
    static func rows(of pressed: Pressed, in messages: [SlackMessage]) -> [[String]]? {
        for message in messages {
            for (table, button) in zip(message.blocks, message.blocks.dropFirst()) where table["type"] == "table" {
                let value = button["elements"]?[0]?["value"]?.string
                if value.flatMap({ Pressed(value: $0) }) == pressed { return TableView.rows(of: table) }
            }
        }
        return nil
    }
}
