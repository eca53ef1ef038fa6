/// The text of one model turn, and how much of it is sent. What is sent stays as it is, so that each piece ends where
/// further text does not change how it is parsed: after a line, or between words outside inline marks, and outside brackets
/// unless they stay open for a whole message.
struct StreamText: Sendable, Hashable {
    /// A part of the text that can be sent.
    struct Piece: Sendable, Hashable {
        /// As the model wrote it.
        let raw: String
        /// As it is sent, see ``StreamScan/rendered(_:from:)``.
        let markdown: String
        /// The state after the piece.
        fileprivate let fence: StreamFence
        fileprivate let line: String
    }

    /// The raw text that was sent.
    private(set) var sent = ""
    /// The raw text that was not.
    private(set) var pending = ""
    /// At the end of `sent`.
    private(set) var fence = StreamFence()
    /// The part of the last line that was sent.
    private var line = ""
    /// A turn's text is sent only when it is longer: shorter ones mostly introduce tool calls, which are cards.
    private static let holdBack = 200

    /// Whether the text sent ends within a line.
    var isInLine: Bool { !line.isEmpty }

    mutating func append(_ text: String) { pending += text }

    /// Replaces the text that was not sent.
    mutating func replacePending(by text: String) { pending = text }

    /// The longest piece of at most `limit` UTF-16 units that can be sent; nil when there is none.
    ///
    /// - Parameters:
    ///   - isEnd: whether no further text follows.
    ///   - fillsMessage: whether the limit is that of a whole message. Then a text that is longer is cut within brackets
    ///     where there is no other cut: what closes them is not in the same message, so that no link is.
    func piece(upTo limit: Int, isEnd: Bool, fillsMessage: Bool = false) -> Piece? {
        guard isEnd || !sent.isEmpty || pending.utf16.count > Self.holdBack else { return nil }
        let start = StreamScan.Cut(offset: 0, fence: fence, line: line)
        var scan = StreamScan(start, limit: limit)
        scan.read(MarkdownSource(pending), isEnd: isEnd)
        let isInBrackets = fillsMessage && scan.isFull && scan.cut.offset == 0
        guard let end = isInBrackets ? scan.cutInBrackets : scan.cut, end.offset > 0 else { return nil }
        let raw = String(decoding: pending.utf8.prefix(end.offset), as: UTF8.self)
        let rendered = StreamScan.rendered(raw, from: start)
        guard rendered.utf16.count > limit else {
            return Piece(raw: raw, markdown: rendered, fence: end.fence, line: end.line)
        }
        // A drawn table is wider than its source.
        guard limit >= 100 else { return nil }
        return piece(upTo: min(limit, raw.utf16.count) / 2, isEnd: isEnd, fillsMessage: isInBrackets)
    }

    /// Marks a piece as sent, which must be the one that the present text yields.
    mutating func take(_ piece: Piece) {
        sent += piece.raw
        pending = String(decoding: pending.utf8.dropFirst(piece.raw.utf8.count), as: UTF8.self)
        fence = piece.fence
        line = piece.line
    }

    /// The text whose pieces from `other` on were not shown after all.
    func restored(to other: StreamText) -> StreamText {
        var text = other
        let count = other.sent.utf8.count
        text.pending = String(decoding: sent.utf8.dropFirst(count), as: UTF8.self) + pending
        return text
    }
}
