import Bridge

extension AnswerStream {
    /// Ends the answer. A call whose response is not known counts as unsure.
    ///
    /// - Parameter answer: the answer in Markdown; nil when there is none, so that all text shown has to be replaced.
    mutating func finish(_ answer: String?) -> StreamEnding {
        if let call = inFlight { handle(.unsure, at: call.at) }
        defer { phase = .ended }
        guard !isSuperseded, !isHidden || text.sent.isEmpty, let answer, answer.utf8.starts(with: text.sent.utf8) else {
            return replacement(by: answer ?? "")
        }
        text.replacePending(by: String(decoding: answer.utf8.dropFirst(text.sent.utf8.count), as: UTF8.self))
        let stop = isHidden ? nil : lastStop()
        return StreamEnding(
            messages: messages, stop: stop, reopening: text.sent.isEmpty ? "" : text.fence.reopening,
            rest: text.pending, mayHaveStarted: mayHaveStarted, mostText: mostText)
    }

    /// Ends the last message, which has only cards, so that blocks can follow in it; nil when text was shown, or no stream
    /// can be continued.
    mutating func finishCards() -> StreamEnding.Stop? {
        if let call = inFlight { handle(.unsure, at: call.at) }
        guard text.sent.isEmpty, !isSuperseded, !mayHaveStarted else { return nil }
        text.replacePending(by: "")
        defer { phase = .ended }
        return lastStop()
    }

    private func replacement(by answer: String) -> StreamEnding {
        var messages = messages
        if !text.sent.isEmpty || isSuperseded {
            for index in messages.indices { messages[index].supersede() }
        }
        return StreamEnding(
            messages: messages, stop: nil, rest: answer, mayHaveStarted: mayHaveStarted, mostText: mostText)
    }

    /// The end of an open stream, with as much of the text as fits.
    private mutating func lastStop() -> StreamEnding.Stop? {
        guard phase != .idle, let last = messages.last, last.isOpen, last.isExact else { return nil }
        cards.endThinking()
        var chunks = cards.last(isEnd: true).map { StreamChunk.task($0) }
        let prefix = shownUnits == 0 ? last.opening : ""
        let index = messages.count - 1
        let left = mostText - shownUnits - prefix.utf16.count
        if let piece = text.piece(upTo: left, isEnd: true, fillsMessage: shownUnits == 0) {
            text.take(piece)
            messages[index].raw += piece.raw
            let closing = text.pending.isEmpty ? "" : text.fence.closing(isInLine: text.isInLine)
            messages[index].closing = closing
            chunks.append(.markdown(prefix + piece.markdown + closing))
        } else if !text.pending.isEmpty, !text.sent.isEmpty {
            let closing = text.fence.closing(isInLine: text.isInLine)
            messages[index].closing = closing
            if !closing.isEmpty { chunks.append(.markdown(closing)) }
        }
        return StreamEnding.Stop(ts: last.ts, chunks: chunks)
    }
}
