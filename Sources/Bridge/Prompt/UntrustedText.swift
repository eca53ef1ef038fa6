/// Marks whose words a text is: a tool's, which are data and nobody's instruction, or a person's of the thread.
///
/// Wherever a mark's own word stands in a text it is broken by an invisible character, so that nothing in the text can
/// look like a mark's beginning or end.
package enum UntrustedText {
    private static let tool = "untrusted_tool_output"
    private static let message = "thread_message"

    /// A tool's words between two lines that name it.
    package static func wrap(_ text: String, from tool: ToolName) -> String {
        "<\(Self.tool) tool=\"\(attribute(tool))\">\n\(harmless(text))\n</\(Self.tool)>"
    }

    /// A person's words between two lines that name the person, as ``AskerLabel`` writes names.
    static func wrap(_ text: String, from speaker: String) -> String {
        "<\(message) from=\"\(speaker)\">\n\(harmless(text))\n</\(message)>"
    }

    /// The text with the words of all marks broken.
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

    private static let words = [Array(tool.utf8), Array(message.utf8)]

    /// Whether the word stands there, in capitals or not. Compares bytes, since a combining mark behind `>` would hide
    /// the end from a comparison of characters.
    private static func begins(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, with word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return zip(bytes, word).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
    }

    /// A server names its tools as it likes: nothing but a plain name may stand in the mark.
    private static func attribute(_ tool: ToolName) -> String {
        String(
            "\(tool)".prefix(128).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) ? $0 : "_" })
    }
}
