/// A conservative estimate of the number of tokens of a text, for models whose tokenizer is not available here.
///
/// A token is about 3.5 bytes of English, code or JSON. In scripts whose characters take three bytes (Chinese,
/// Japanese, Korean) a character is one to two tokens, more than its bytes suggest: such a character counts as one and
/// a half tokens, and one of four bytes (emoji) as three.
///
/// Counted in whole fourteenths of a token (units), so that the counts of a text's parts add up exactly.
enum TokenEstimate {
    static let unitsPerToken = 14

    /// The size of the text in fourteenths of a token.
    static func units(of text: String) -> Int { text.utf8.reduce(0) { $0 + units(ofByte: $1) } }

    /// The text, or as much of its beginning as fits into `limit` units with a note that it was cut. Exceeds `limit`
    /// only when the note alone does.
    static func cut(_ text: String, to limit: Int) -> String {
        guard units(of: text) > limit else { return text }
        var left = limit - units(of: cutNote)
        let scalars = text.unicodeScalars.prefix { scalar in
            left -= scalar.utf8.reduce(0) { $0 + units(ofByte: $1) }
            return left >= 0
        }
        return String(scalars) + cutNote
    }

    private static let cutNote = " [cut]"

    /// All units of a character are counted for its first byte, which determines its length (RFC 3629).
    private static func units(ofByte byte: UInt8) -> Int {
        switch byte {
        case ..<0x80: 4
        case ..<0xC0: 0
        case ..<0xE0: 8
        case ..<0xF0: 21
        default: 42
        }
    }
}
