import Foundation

/// Decodes the text of a file whose character set is not declared.
enum FileText {
    /// UTF-16 with a byte order mark; else UTF-8, of which a few characters may be damaged; else, as the programs of a
    /// single country write it, Windows-1252 or Latin-1. nil for what is no text.
    ///
    /// - Parameter isWhole: false when the file goes on after the bytes; then a short, incomplete last line is left out.
    static func decode(_ bytes: [UInt8], isWhole: Bool) -> String? {
        let text = utf16(bytes) ?? utf8(bytes, isWhole: isWhole) ?? singleByte(bytes)
        guard let text, isText(text) else { return nil }
        let scalars = text.unicodeScalars
        guard !isWhole, let end = scalars.suffix(scalars.count / 10).lastIndex(of: "\n") else { return text }
        return String(scalars[...end])
    }

    private static func utf16(_ bytes: [UInt8]) -> String? {
        let isBigEndian = bytes.starts(with: [0xFE, 0xFF])
        guard isBigEndian || bytes.starts(with: [0xFF, 0xFE]) else { return nil }
        var units = stride(from: 2, to: bytes.count - 1, by: 2).map { at in
            let (first, second) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        // The second half of a character may be missing where the file was cut.
        if let last = units.last, UTF16.isLeadSurrogate(last) { units.removeLast() }
        return String(decoding: units, as: UTF16.self)
    }

    private static func utf8(_ bytes: [UInt8], isWhole: Bool) -> String? {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        if !isWhole { rest = withoutCutCharacter(rest) }
        return String(validating: rest, as: UTF8.self) ?? damagedUTF8(rest)
    }

    /// UTF-8 with U+FFFD for what is invalid; nil unless ten times as many characters of several bytes are valid. Text
    /// of one byte a character has hardly any such sequence.
    private static func damagedUTF8(_ bytes: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let replaced = text.unicodeScalars.count { $0 == "\u{FFFD}" }
        let valid = text.unicodeScalars.count { !$0.isASCII } - replaced
        return valid >= 10 * replaced ? text : nil
    }

    /// The bytes without a last character of which bytes are missing (RFC 3629: the first byte tells the length).
    private static func withoutCutCharacter(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = bytes.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return bytes }
        let length = bytes[first] >= 0xF0 ? 4 : bytes[first] >= 0xE0 ? 3 : bytes[first] >= 0xC0 ? 2 : 1
        return bytes.endIndex - first < length ? bytes[..<first] : bytes
    }

    private static func singleByte(_ bytes: [UInt8]) -> String? {
        String(bytes: bytes, encoding: .windowsCP1252) ?? String(bytes: bytes, encoding: .isoLatin1)
    }

    /// Text has no NUL, and hardly any other control character but those of layout and of colours in logs.
    private static func isText(_ text: String) -> Bool {
        var controls = 0
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            switch scalar.value {
            case 0: return false
            case 0x08...0x0D, 0x1B: continue
            case ..<0x20, 0x7F...0x9F: controls += 1
            default: continue
            }
        }
        return controls * 100 <= count
    }
}
