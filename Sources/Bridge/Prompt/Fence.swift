/// Marks what a tool said as data: whatever it reads like, it is nobody's instruction.
package enum Fence {
    private static let word = "untrusted_tool_output"

    /// The text between two lines that name its source. Wherever the fence's own word stands in the text it is broken
    /// by an invisible character, so that nothing in it can look like the fence's end.
    package static func wrap(_ text: String, from tool: ToolName) -> String {
        "<\(word) tool=\"\(attribute(tool))\">\n\(harmless(text))\n</\(word)>"
    }

    /// Compares bytes, since a combining mark behind `>` would hide the end from a comparison of characters.
    private static func harmless(_ text: String) -> String {
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
