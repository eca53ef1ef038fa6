/// Parser of `.env` files: `KEY=value` lines, optionally with `export`, quotes and comments.
///
/// `'…'` is taken literally, `"…"` has the escapes `\n`, `\t`, `\r`, `\"`, `\\` and `\$`, and an unquoted value ends at
/// ` #`. Problems name the line and not its content, which may be a secret.
enum DotEnv {
    static func parse(_ text: String, file: String) -> ([String: String], [ConfigProblem]) {
        var values: [String: String] = [:]
        var problems: [ConfigProblem] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = trim(line.first == "\u{FEFF}" ? line.dropFirst() : line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            switch pair(in: line) {
            case .success(let (name, value)): values[name] = value
            case .failure(let fault):
                problems.append(
                    ConfigProblem(
                        .warning, file: file, line: index + 1, column: 1, message: fault.message,
                        hint: "write NAME=value, or NAME=\"value\" with quotes"))
            }
        }
        return (values, problems)
    }

    private struct Fault: Error { let message: String }

    private static func pair(in line: Substring) -> Result<(String, String), Fault> {
        var line = line
        if line.hasPrefix("export "), !line.hasPrefix("export =") { line = trim(line.dropFirst("export ".count)) }
        guard let equals = line.firstIndex(of: "=") else { return .failure(Fault(message: "a line without \"=\"")) }
        let name = trim(line[..<equals])
        guard VariableExpansion.isName(name) else {
            return .failure(Fault(message: "no valid variable name before \"=\""))
        }
        let rest = trim(line[line.index(after: equals)...])
        guard let value = value(of: rest) else { return .failure(Fault(message: "a quote that does not end")) }
        return .success((String(name), value))
    }

    private static func value(of text: Substring) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            return String(trim(unquoted(text)))
        }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                value += escape(character)
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                return value
            } else {
                value.append(character)
            }
        }
        return nil
    }

    private static func unquoted(_ text: Substring) -> Substring {
        var before: Character = " "
        for index in text.indices {
            if text[index] == "#", before == " " || before == "\t" { return text[..<index] }
            before = text[index]
        }
        return text
    }

    private static func escape(_ character: Character) -> String {
        switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        case "\"", "\\", "$": String(character)
        default: "\\\(character)"
        }
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
