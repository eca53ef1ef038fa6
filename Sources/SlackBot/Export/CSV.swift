import Bridge

/// Comma-separated values (RFC 4180), with text guarded against evaluation as a formula by a spreadsheet.
enum CSV {
    /// One line with CRLF.
    static func line(_ values: some Sequence<JSONValue>) -> String {
        values.map(cell).joined(separator: ",") + "\r\n"
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): quoted(guarded(text))
        // Numbers and booleans come from Omni; lists and objects begin with a bracket.
        default: quoted(value.text())
        }
    }

    /// Spreadsheets evaluate a cell that begins with one of these characters as a formula; the apostrophe makes it text
    /// (OWASP, "CSV Injection").
    private static func guarded(_ text: String) -> String {
        // A negative number is no formula.
        if text.first == "-", text.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), text.count > 1 {
            return text
        }
        guard let first = text.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else {
            return text
        }
        return "'\(text)"
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { ![0x22, 0x2C, 0x0D, 0x0A].contains($0) }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
