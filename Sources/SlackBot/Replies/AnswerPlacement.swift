import Analytics
import Bridge

/// Which messages of the thread become the messages of the answer, as rows of the outbox. Pure.
struct AnswerPlacement: Sendable, Hashable {
    /// A message of the thread that becomes one of the answer's.
    struct Place: Sendable, Hashable {
        let part: Int
        /// nil when it is not known whether the message exists.
        let ts: String?
        /// Whether it shows its part of the answer already.
        var isWhole = false
        /// Ends its stream; then it shows its part of the answer.
        var stop: [StreamChunk]?
        /// Whether the stream showed nothing of the answer, so that all blocks of the message come with its end.
        var endsWithBlocks = false
    }

    /// In the order of the answer's messages.
    private(set) var places: [Place] = []
    /// The Markdown of each of the answer's messages; nil when the outcome is rendered as if nothing were shown.
    private(set) var texts: [String]?
    /// The part of the next message.
    private(set) var nextPart = 0
    /// ts of messages that are no part of the answer.
    private var surplus: [String] = []

    /// The placement of an answer that was not streamed: each message shown is edited.
    init(_ shown: [ShownMessage]) {
        places = shown.map { Place(part: $0.part, ts: $0.ts) }
        nextPart = (shown.map(\.part).max() ?? -1) + 1
    }

    /// The placement of a streamed answer. Messages that have only cards and ended as they should stay as they are.
    init(_ ending: StreamEnding) {
        let lastText = ending.messages.lastIndex { !$0.markdown.isEmpty } ?? -1
        for (part, message) in ending.messages.enumerated() {
            let isEnded = message.isExact && !message.isOpen
            if !message.markdown.isEmpty {
                let stop = ending.stop.flatMap { $0.ts == message.ts ? $0.chunks : nil }
                places.append(Place(part: part, ts: message.ts, isWhole: isEnded, stop: stop))
            } else if part > lastText, !isEnded {
                places.append(Place(part: part, ts: message.ts))
            } else if !message.isExact {
                surplus.append(message.ts)
            }
        }
        nextPart = ending.messages.count
        if ending.mayHaveStarted {
            places.append(Place(part: nextPart, ts: nil))
            nextPart += 1
        }
        guard lastText >= 0 else { return }
        let shown = ending.messages.map(\.markdown).filter { !$0.isEmpty }.map(Markdown.forBlock)
        let further = ending.furtherMarkdown
        texts = shown + (further.isEmpty ? [] : Markdown.parts(further, limit: ending.mostText))
    }

    /// The placement of an answer whose stream showed only cards, below those of the last message. An earlier message that
    /// did not end as it should is deleted: its cards may say for ever that a call runs.
    init(after cards: StreamEnding.Stop, _ messages: [StreamedMessage]) {
        let part = messages.count - 1
        places = [Place(part: part, ts: cards.ts, stop: cards.chunks, endsWithBlocks: true)]
        nextPart = part + 1
        surplus = messages.dropLast().filter { !$0.isExact || $0.isOpen }.map(\.ts)
    }

    /// The rows for the answer's messages, and for those of the thread that have to be deleted.
    ///
    /// - Parameter post: makes the row of a part.
    func rows(_ messages: [SlackMessage], post: (Int, SlackMessage) -> PostRow) -> [PostRow] {
        var rows = messages.enumerated().map { index, message in
            guard index < places.count else { return post(nextPart + index - places.count, message) }
            return placed(post(places[index].part, message), index, message, isLast: index == messages.count - 1)
        }
        let unused = places.dropFirst(messages.count)
        rows += unused.filter { $0.ts == nil }.map { place in
            var row = post(place.part, SlackMessage(text: ""))
            (row.state, row.isSurplus, row.searchedPart) = (.unknown, true, place.part)
            return row
        }
        // Parts that no row of an earlier claim has: a row keeps its ts when it is replaced.
        let first = max(nextPart, (rows.last?.part ?? -1) + 1)
        rows += (surplus + unused.compactMap(\.ts)).enumerated().map { index, ts in
            var row = post(first + index, SlackMessage(text: ""))
            (row.ts, row.isSurplus) = (ts, true)
            return row
        }
        return rows
    }

    private func placed(_ post: PostRow, _ index: Int, _ message: SlackMessage, isLast: Bool) -> PostRow {
        let place = places[index]
        var row = post
        row.ts = place.ts
        if place.ts == nil { row.state = .unknown }
        // The last message also has what is shown below the answer.
        if place.isWhole, !isLast { row.state = .sent }
        row.isFollowed = places.dropFirst(index + 1).contains { $0.ts != nil }
        guard let stop = place.stop else { return row }
        let blocks = place.endsWithBlocks ? message.blocks : message.blocks.filter { $0["type"] != "markdown" }
        row.streamRest = PostRow.StreamRest(chunks: stop, blocks: blocks)
        return row
    }
}
