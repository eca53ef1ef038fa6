/// Tells where the parser puts certain bytes of a Markdown text: at each a private-use character is inserted that the
/// text does not contain, and the marked text is parsed. This does not depend on the parser's positions, which are not
/// exact for inline nodes.
struct MarkdownMarks {
    /// The marked text as parsed.
    let document: MarkdownDocument
    private let indices: [Unicode.Scalar: Int]

    /// nil when the text cannot be parsed, or contains too many private-use characters.
    ///
    /// - Parameter offsets: byte offsets, ascending.
    init?(_ bytes: [UInt8], at offsets: [Int]) {
        let marks = Self.unused(offsets.count, in: String(decoding: bytes, as: UTF8.self))
        guard marks.count == offsets.count else { return nil }
        let marked = Self.inserting(zip(offsets, marks).map { ($0, String(Character($1))) }, into: bytes)
        guard let document = MarkdownDocument(marked) else { return nil }
        self.document = document
        indices = Dictionary(uniqueKeysWithValues: zip(marks, offsets.indices))
    }

    /// The indices of the offsets whose marks are in a node's text, in the order of the text.
    func found(in text: String) -> [Int] { text.unicodeScalars.compactMap { indices[$0] } }

    /// A node's text without marks.
    func unmarked(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        plain.append(contentsOf: text.unicodeScalars.lazy.filter { indices[$0] == nil })
        return String(plain)
    }

    /// The text with an insertion at each of the byte offsets, which are ascending.
    static func inserting(_ insertions: [(offset: Int, text: String)], into bytes: [UInt8]) -> String {
        var written: [UInt8] = []
        written.reserveCapacity(bytes.count + insertions.count * 4)
        var from = 0
        for insertion in insertions {
            written += bytes[from..<insertion.offset]
            written += insertion.text.utf8
            from = insertion.offset
        }
        written += bytes[from...]
        return String(decoding: written, as: UTF8.self)
    }

    private static func unused(_ count: Int, in text: String) -> [Unicode.Scalar] {
        let planes = [0xF0000...0xFFFFD, 0x100000...0x10FFFD].joined()
        let used = Set(text.unicodeScalars.lazy.filter { $0.value >= 0xF0000 })
        return Array(planes.lazy.compactMap { Unicode.Scalar(UInt32($0)) }.filter { !used.contains($0) }.prefix(count))
    }
}
