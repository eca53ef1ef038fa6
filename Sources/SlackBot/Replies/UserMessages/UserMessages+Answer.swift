import Foundation

/// Texts about the form of an answer: tables, and answers that are too long for messages.
extension UserMessages {
    /// The button under a table.
    static let downloadCSV = "Download as CSV"

    /// The title of the file with a whole answer.
    static let answerTitle = "answer.md"

    /// The title of the file with a table.
    ///
    /// - Parameter number: from 1.
    static func tableTitle(_ number: Int) -> String { "table-\(number).csv" }

    /// Under the beginning of an answer that is in a file.
    static func wholeInFile(_ characters: Int) -> String {
        ":page_facing_up: This is the beginning. The whole answer, \(grouped(characters)) characters, is in the file `\(answerTitle)`."
    }

    /// With a comma between thousands.
    private static func grouped(_ number: Int) -> String {
        number.formatted(.number.locale(Locale(identifier: "en_US")))
    }

    /// Under a table that is shown in part.
    static func tableCut(_ shown: Int, of rows: Int, columns: Int, file: String) -> String {
        let width = columns > TableView.mostColumns ? " and \(TableView.mostColumns) of \(columns) columns" : ""
        return ":page_facing_up: \(shown) of \(rows) rows\(width) are shown. The whole table is in the file `\(file)`."
    }

    /// Under a table whose file is attached.
    static func tableAttached(_ file: String) -> String { ":page_facing_up: This table is also in the file `\(file)`." }

    /// Alternative text of a text file.
    static func fileAltText(_ title: String) -> String { "Text file \(title) of this answer" }

    /// To a user who pressed the button under a table of which nothing is left.
    static let noTable = "I cannot make this file: the table is not kept any more."

    /// To a user who pressed the button under a table, when Slack refused the file.
    static func tableNotUploaded(_ code: String) -> String { "I could not make this file: \(reason(code))." }

    /// To a user who pressed the button under a table that only they see.
    static let tableSentDirectly =
        "The file is in our direct messages: Slack cannot show a file to one person only here."
}
