/// Splits Markdown into parts that each fit one Slack message, without losing text. A cut is made between blocks if
/// that leaves the part at least half full, else between items, lines, words or characters, in this order. A code block
/// that is cut is closed and opened again; the rest of an item that is indented so far that it would become code is
/// outdented.
enum MarkdownParts {
    /// Maximum length of a part in UTF-16 units. A message's markdown blocks may have 12,000 characters together, and
    /// Slack has refused messages of more than some 11,000; the rest is for the context line and the text of the
    /// notification. Slack does not document what it counts; UTF-16 units are never fewer than characters.
    static let limit = 8_000

    /// The parts, none longer than `limit` UTF-16 units, and none blank unless the whole text is.
    static func split(_ markdown: String, limit: Int = Self.limit) -> [String] {
        // A text has at least as many UTF-8 bytes as UTF-16 units.
        if markdown.utf8.count <= limit { return [markdown] }
        let document = MarkdownDocument(markdown)
        let source = document?.source ?? MarkdownSource(markdown)
        let outline = MarkdownOutline(source, document?.events ?? [], limit: limit)
        var parts: [String] = []
        var start = 0
        while true {
            while start < outline.pieces.count, outline.isBlank(start) { start += 1 }
            guard start < outline.pieces.count else { break }
            let end = end(of: start, outline, limit)
            parts.append(outline.text(start..<end))
            start = end
        }
        return parts.isEmpty ? [""] : parts
    }

    /// The best end of the part that begins at piece `start`.
    private static func end(of start: Int, _ outline: MarkdownOutline, _ limit: Int) -> Int {
        var used = outline.opening(start)
        var last = start + 1
        var best: Int?
        for piece in start..<outline.pieces.count {
            used += outline.pieces[piece].units
            guard used <= limit else { break }
            let end = piece + 1
            if end == outline.pieces.count { return end }
            guard used + outline.closing(end) <= limit else { continue }
            last = end
            guard used >= limit / 2 else { continue }
            if let found = best, outline.pieces[found].cost < outline.pieces[end].cost { continue }
            best = end
        }
        return best ?? last
    }
}
