/// Encloses untrusted text of a prompt in tags that name its origin: the result of a tool, which is data and never an
/// instruction, a user's question of the thread, a message of another person, or an attached file.
///
/// Where the name of a tag occurs in the text itself, a zero-width space (U+200B) is inserted into it, so that no part
/// of the text can be read as a tag.
package enum UntrustedText {
    private static let tool = "untrusted_tool_output"
    private static let message = "thread_message"
    private static let quote = "quoted_message"
    private static let file = "attached_file"

    /// The text of a tool's result in a tag with the tool's name.
    package static func wrap(_ text: String, from tool: ToolName) -> String {
        "<\(Self.tool) tool=\"\(attribute(tool))\">\n\(harmless(text))\n</\(Self.tool)>"
    }

    /// A user's message in a tag with the user's name. `speaker` is text of ``AskerLabel``.
    static func wrap(_ text: String, from speaker: String) -> String {
        "<\(message) from=\"\(speaker)\">\n\(harmless(text))\n</\(message)>"
    }

    /// The text of another person's message in a tag with these attributes, whose values are safe already.
    static func wrap(_ text: String, quotedWith attributes: String) -> String {
        "<\(quote) \(attributes)>\n\(harmless(text))\n</\(quote)>"
    }

    /// The content of an attached file in a tag with these attributes, whose values are safe already.
    static func wrap(_ text: String, ofFileWith attributes: String) -> String {
        "<\(file) \(attributes)>\n\(harmless(text))\n</\(file)>"
    }

    /// The ends of what stands before a question. No text of a user contains them (``harmless(_:)``).
    static let endsBeforeQuestion = ["\n</\(quote)>", "\n</\(file)>"]

    /// The text with a zero-width space in every occurrence of a tag's name.
    static func harmless(_ text: String) -> String {
        var text = text
        let words = words
        let starts = words.compactMap(\.first)
        let broken = text.withUTF8 { bytes -> [UInt8]? in
            var safe: [UInt8]?
            var kept = 0
            for at in bytes.indices
            where starts.contains(bytes[at] | 0x20) && words.contains(where: { begins(bytes[at...], with: $0) }) {
                safe = (safe ?? []) + bytes[kept...at] + Array("\u{200B}".utf8)
                kept = at + 1
            }
            return safe.map { $0 + bytes[kept...] }
        }
        return broken.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    private static let words = [tool, message, quote, file].map { Array($0.utf8) }

    /// Whether the bytes begin with the word, in upper or lower case. Compares bytes, because Swift's characters join a
    /// combining mark to the character before it, so that a tag's name followed by one would not be found.
    private static func begins(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, with word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return zip(bytes, word).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
    }

    /// The tool's name for the tag, at most 128 characters, with `_` for all but ASCII letters, digits and `._-/`.
    /// Names of tools are untrusted, because servers choose them.
    private static func attribute(_ tool: ToolName) -> String {
        String(
            "\(tool)".prefix(128).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) ? $0 : "_" })
    }
}
