/// Distinguishes code, string literals and comments in Swift text, with a minimal lexer.
struct SwiftText {
    private enum Place {
        case code
        /// Inside `\(…)`, with the depth of its parentheses.
        case interpolation(depth: Int)
        case string(hashes: Int, isLong: Bool)
        case lineComment
        case blockComment(depth: Int)
    }

    private let text: [Character]
    private var index = 0
    private var places: [Place] = [.code]
    private var code = ""
    private var uncommented = ""

    private init(_ text: String) { self.text = Array(text) }

    /// The text without comments and literals, and the text without comments; blanks replace what was removed.
    static func read(_ text: String) -> (code: String, uncommented: String) {
        var reader = SwiftText(text)
        while reader.index < reader.text.count { reader.step() }
        return (reader.code, reader.uncommented)
    }

    private mutating func step() {
        switch places.last ?? .code {
        case .code: inCode()
        case .interpolation(let depth): inInterpolation(depth)
        case .string(let hashes, let isLong): inString(hashes, isLong)
        case .lineComment:
            if text[index] == "\n" { places.removeLast() }
            blank(1, literal: false)
        case .blockComment(let depth): inBlockComment(depth)
        }
    }

    private mutating func inCode() {
        if starts("//") {
            places.append(.lineComment)
        } else if starts("/*") {
            places.append(.blockComment(depth: 1))
            blank(2, literal: false)
        } else if let (hashes, isLong) = opensString() {
            places.append(.string(hashes: hashes, isLong: isLong))
            keep(hashes + (isLong ? 3 : 1))
        } else {
            keep(1)
        }
    }

    private mutating func inInterpolation(_ depth: Int) {
        switch text[index] {
        case "(":
            places[places.count - 1] = .interpolation(depth: depth + 1)
            keep(1)
        case ")":
            if depth == 1 { places.removeLast() } else { places[places.count - 1] = .interpolation(depth: depth - 1) }
            keep(1)
        default: inCode()
        }
    }

    private mutating func inString(_ hashes: Int, _ isLong: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = (isLong ? "\"\"\"" : "\"") + marks
        if starts("\\" + marks + "(") {
            places.append(.interpolation(depth: 1))
            keep(hashes + 2)
        } else if hashes == 0, text[index] == "\\" {
            blank(2, literal: true)
        } else if starts(end) || (!isLong && text[index] == "\n") {
            places.removeLast()
            keep(text[index] == "\n" ? 1 : end.count)
        } else {
            blank(1, literal: true)
        }
    }

    private mutating func inBlockComment(_ depth: Int) {
        if starts("/*") {
            places[places.count - 1] = .blockComment(depth: depth + 1)
            blank(2, literal: false)
        } else if starts("*/") {
            if depth == 1 { places.removeLast() } else { places[places.count - 1] = .blockComment(depth: depth - 1) }
            blank(2, literal: false)
        } else {
            blank(1, literal: false)
        }
    }

    private func starts(_ mark: String) -> Bool {
        var position = index
        for character in mark {
            guard position < text.count, text[position] == character else { return false }
            position += 1
        }
        return true
    }

    private func opensString() -> (hashes: Int, isLong: Bool)? {
        var position = index
        while position < text.count, text[position] == "#" { position += 1 }
        guard position < text.count, text[position] == "\"" else { return nil }
        let isLong = position + 2 < text.count && text[position + 1] == "\"" && text[position + 2] == "\""
        return (position - index, isLong)
    }

    private mutating func keep(_ count: Int) {
        for character in text[index..<min(text.count, index + count)] {
            code.append(character)
            uncommented.append(character)
        }
        index += count
    }

    private mutating func blank(_ count: Int, literal: Bool) {
        for character in text[index..<min(text.count, index + count)] {
            code.append(character.isNewline ? character : " ")
            uncommented.append(literal || character.isNewline ? character : " ")
        }
        index += count
    }
}
