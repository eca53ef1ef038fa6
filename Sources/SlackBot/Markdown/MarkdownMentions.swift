/// Finds mentions that could notify in Markdown, and breaks those outside code with a zero-width space.
enum MarkdownMentions {
    /// A position after the `<` of a special mention or after the `@` of a mention word.
    struct Place: Sendable, Hashable {
        /// Byte offset at which a break would be inserted.
        var offset: Int
        /// True for `@here`, `@channel` and `@everyone`; false for a mention in angle brackets.
        var isWord: Bool
    }

    /// Zero-width space: breaks a mention and leaves the text readable.
    static let breaker = "\u{200B}"

    /// Breaks each mention that a Markdown renderer finds outside code and outside web addresses.
    static func harmless(_ markdown: String) -> String {
        let bytes = Array(markdown.utf8)
        let places = places(in: bytes)
        guard !places.isEmpty else { return markdown }
        return text(bytes, places, breaking: kept(bytes, places))
    }

    /// Breaks every mention, also in code.
    static func broken(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return Self.text(bytes, places(in: bytes), breaking: [])
    }

    /// Indices of the places in code or in web addresses. The text is parsed with marks, and so as it would be with a
    /// break at every place.
    ///
    /// The breaks in code and addresses can be left out without changing how the text is parsed, since there only
    /// backticks, white space and brackets have a meaning.
    private static func kept(_ bytes: [UInt8], _ places: [Place]) -> Set<Int> {
        guard let marks = MarkdownMarks(bytes, at: places.map(\.offset)) else { return [] }
        var kept: Set<Int> = []
        for event in marks.document.events {
            switch event.kind {
            case .codeBlock: kept.formUnion(marks.found(in: event.text))
            case .code:
                // At the beginning of a line an unbroken `<!` would begin an HTML block, which ends the code span.
                let found = marks.found(in: event.text)
                kept.formUnion(found.filter { places[$0].isWord || !beginsLine(bytes, places[$0].offset) })
            case .link, .image:
                // Other parsers may end an address at white space that cmark accepts as a part of it.
                guard event.text.hasPrefix("https://") || event.text.hasPrefix("http://"),
                    !event.text.unicodeScalars.contains(where: \.properties.isWhitespace)
                else { continue }
                let found = marks.found(in: event.text)
                kept.formUnion(found.filter { places[$0].isWord })
            default: break
            }
        }
        return kept
    }

    /// Whether only white space and block markers stand in the line before the `<` that ends at byte `end`.
    private static func beginsLine(_ bytes: [UInt8], _ end: Int) -> Bool {
        let before = bytes[..<end].dropLast().reversed().prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return before.allSatisfy { " \t>-*+.)0123456789".utf8.contains($0) }
    }

    private static func text(_ bytes: [UInt8], _ places: [Place], breaking kept: Set<Int>) -> String {
        let broken = places.indices.filter { !kept.contains($0) }.map { (offset: places[$0].offset, text: breaker) }
        return MarkdownMarks.inserting(broken, into: bytes)
    }
}

extension MarkdownMentions {
    /// One byte of the rendered text with the range of its source: `&lt;` and `\<` are a `<`.
    private struct Glyph {
        var byte: UInt8
        var start: Int
        var end: Int
    }

    private static let words = ["here", "channel", "everyone"].map { Array($0.utf8) }

    /// Every mention, also in code and when written with escapes and entities.
    static func places(in bytes: [UInt8]) -> [Place] {
        guard bytes.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "&") })
        else { return [] }
        let glyphs = glyphs(bytes)
        var places: [Place] = []
        for (index, glyph) in glyphs.enumerated() {
            if glyph.byte == UInt8(ascii: "<"), index + 1 < glyphs.count, "!@#".utf8.contains(glyphs[index + 1].byte) {
                places.append(Place(offset: glyph.end, isWord: false))
            } else if glyph.byte == UInt8(ascii: "@"), !endsWord(bytes, glyphs, before: index),
                words.contains(where: { spells(glyphs[(index + 1)...], $0) })
            {
                places.append(Place(offset: glyph.end, isWord: true))
            }
        }
        return places
    }

    private static func spells(_ glyphs: ArraySlice<Glyph>, _ word: [UInt8]) -> Bool {
        glyphs.count >= word.count && zip(glyphs, word).allSatisfy { $0.byte | 0x20 == $1 }
    }

    /// Whether a letter or digit stands before that glyph, as in an e-mail address: then it notifies no user.
    private static func endsWord(_ bytes: [UInt8], _ glyphs: [Glyph], before index: Int) -> Bool {
        guard index > 0 else { return false }
        let previous = glyphs[index - 1]
        // False when either is written with an escape or an entity.
        guard previous.end == previous.start + 1, glyphs[index].start == previous.end,
            bytes[glyphs[index].start] == UInt8(ascii: "@")
        else { return false }
        var start = previous.start
        while start > 0, bytes[start] & 0xC0 == 0x80, previous.start - start < 3 { start -= 1 }
        guard let scalar = String(decoding: bytes[start...previous.start], as: UTF8.self).unicodeScalars.last else {
            return false
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func glyphs(_ bytes: [UInt8]) -> [Glyph] {
        var glyphs: [Glyph] = []
        glyphs.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            var glyph = Glyph(byte: bytes[at], start: at, end: at + 1)
            if glyph.byte == UInt8(ascii: "\\"), at + 1 < bytes.count, isPunctuation(bytes[at + 1]) {
                glyph = Glyph(byte: bytes[at + 1], start: at, end: at + 2)
            } else if glyph.byte == UInt8(ascii: "&"), let entity = entity(bytes[at...]) {
                glyph = Glyph(byte: entity.byte, start: at, end: entity.end)
            }
            glyphs.append(glyph)
            at = glyph.end
        }
        return glyphs
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        (33...47).contains(byte) || (58...64).contains(byte) || (91...96).contains(byte) || (123...126).contains(byte)
    }

    private static let entities: [String: UInt8] = [
        "lt": UInt8(ascii: "<"), "LT": UInt8(ascii: "<"), "excl": UInt8(ascii: "!"), "commat": UInt8(ascii: "@"),
        "num": UInt8(ascii: "#"),
    ]

    /// The ASCII character of an entity at the start of `text`; nil for other text.
    private static func entity(_ text: ArraySlice<UInt8>) -> (byte: UInt8, end: Int)? {
        let name = text.dropFirst().prefix(10).prefix { $0 != UInt8(ascii: ";") }
        guard name.endIndex < text.endIndex, text[name.endIndex] == UInt8(ascii: ";") else { return nil }
        var word = Substring(decoding: name, as: UTF8.self)
        if let byte = entities[String(word)] { return (byte, name.endIndex + 1) }
        guard word.popFirst() == "#" else { return nil }
        let isHex = word.first == "x" || word.first == "X"
        guard let byte = UInt8(isHex ? word.dropFirst() : word, radix: isHex ? 16 : 10), byte < 128 else { return nil }
        return (byte, name.endIndex + 1)
    }
}
