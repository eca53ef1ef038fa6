/// How many tokens a text takes, guessed on the safe side: no tokenizer of a provider is public.
///
/// A token is about 3.5 bytes of English, code or JSON. Of scripts whose characters take three bytes (Chinese,
/// Japanese, Korean) one character is one to two tokens, so that counting bytes would promise too much: such a
/// character counts one and a half, and one of four bytes (emoji) three.
///
/// Counted in whole fourteenths of a token, so that the parts of a text add up to the whole exactly.
enum TokenEstimate {
    static let unitsPerToken = 14

    static func units(of text: String) -> Int { text.utf8.reduce(0) { $0 + units(ofByte: $1) } }

    /// As much of the text's beginning as fits, said to be cut when it is; never more units than given, unless the note
    /// alone takes more.
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

    /// A character is charged with its first byte, which tells how many follow (RFC 3629).
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
