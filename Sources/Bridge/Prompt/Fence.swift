/// Marks whose words a text is: a tool's, which are data and nobody's instruction, or a person's of the thread.
///
/// Wherever a mark's own word stands in a text it is broken by an invisible character, so that nothing in the text can
/// look like a mark's beginning or end.
package enum Fence {
    private static let tool = "untrusted_tool_output"
    private static let message = "thread_message"

    /// A tool's words between two lines that name it.
    package static func wrap(_ text: String, from tool: ToolName) -> String {
        "<\(Self.tool) tool=\"\(attribute(tool))\">\n\(harmless(text))\n</\(Self.tool)>"
    }

    /// A person's words between two lines that name the person, as ``Speaker`` writes names.
    static func wrap(_ text: String, from speaker: String) -> String {
        "<\(message) from=\"\(speaker)\">\n\(harmless(text))\n</\(message)>"
    }

    /// The text with the words of all marks broken.
    static func harmless(_ text: String) -> String { harmless(harmless(text, tool), message) }

    /// Compares bytes, since a combining mark behind `>` would hide the end from a comparison of characters.
    private static func harmless(_ text: String, _ word: String) -> String {
        let bytes = Array(text.utf8)
        let wanted = Array(word.utf8)
        var safe: [UInt8] = []
        safe.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let isWord =
                bytes.count - at >= wanted.count
                && wanted.indices.allSatisfy { bytes[at + $0] == wanted[$0] || bytes[at + $0] | 0x20 == wanted[$0] }
            safe.append(bytes[at])
            if isWord { safe += "\u{200B}".utf8 }
            at += 1
        }
        return String(decoding: safe, as: UTF8.self)
    }

    /// A server names its tools as it likes: nothing but a plain name may stand in the mark.
    private static func attribute(_ tool: ToolName) -> String {
        String(
            "\(tool)".prefix(128).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) ? $0 : "_" })
    }
}
