/// Cuts Markdown into parts that each fit one Slack message, losing no text: between blocks if that leaves the part at
/// least half full, else between items, lines, words or characters, in this order. A code block that is cut is closed
/// and opened again; the rest of an item that would stand so far in that it would be code moves out.
enum MarkdownParts {
    /// A markdown block takes 12,000 characters over all blocks of a message, and messages of more than some 11,000
    /// counted characters have been refused; this leaves space for the context line and the text for notifications.
    /// Counted in UTF-16 units: what Slack counts is nowhere said, and this is never less than characters.
    static let limit = 8_000

    /// The parts, none of them longer than `limit`, and none blank unless the whole is.
    static func split(_ markdown: String, limit: Int = Self.limit) -> [String] {
        // Bytes are never fewer than units.
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

    /// Where the part that begins at `start` ends best.
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
