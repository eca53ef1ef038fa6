import Bridge

/// The calls that an ``AnswerStream`` asks for, and their responses.
extension AnswerStream {
    /// The next action. It stays the same until ``handle(_:at:)`` is called with its response, except that a wait ends
    /// with each event.
    mutating func next(at now: Instant) -> Action {
        if let inFlight { return inFlight.action }
        if phase == .ended { return .done }
        if let nextCall, now < nextCall { return .wait(until: nextCall) }
        switch phase {
        case .idle: return begin(at: now)
        case .open(let since):
            guard let ts = messages.last?.ts else { return .done }
            return now >= since + lifetime ? stop(ts, at: now) : append(ts, until: since + lifetime, at: now)
        case .ended: return .done
        }
    }

    /// The text is not part of the call, so that a start whose effect is unknown leaves no text in doubt.
    private mutating func begin(at now: Instant) -> Action {
        guard cards.hasNews || wholeMessage != nil else { return .wait(until: nil) }
        cards.message = messages.count
        let first = cards.takeFirst()
        let action = Action.start(first.map { .task($0) })
        inFlight = InFlight(action: action, at: now, cards: first)
        return action
    }

    private mutating func append(_ ts: String, until end: Instant, at now: Instant) -> Action {
        if cards.needMessage { return stop(ts, at: now) }
        let piece = piece(upTo: mostText - shownUnits - prefix.utf16.count, fillsMessage: shownUnits == 0)
        if piece == nil, shownUnits > 0, wholeMessage != nil { return stop(ts, at: now) }
        if piece != nil { cards.endThinking() }
        guard piece != nil || cards.hasNews else { return .wait(until: end) }
        let news = cards.takeNews()
        var chunks = news.map { StreamChunk.task($0) }
        if let piece { chunks.append(.markdown(prefix + piece.markdown)) }
        let action = Action.append(ts: ts, chunks)
        inFlight = InFlight(
            action: action, at: now, cards: news, piece: piece, text: text, separator: separator, turn: turn)
        if let piece {
            text.take(piece)
            separator = ""
        }
        return action
    }

    private mutating func stop(_ ts: String, at now: Instant) -> Action {
        let closing = text.sent.isEmpty ? "" : text.fence.closing(isInLine: text.isInLine)
        let last = cards.last(isEnd: false)
        let chunks = last.map { StreamChunk.task($0) } + (closing.isEmpty ? [] : [.markdown(closing)])
        let action = Action.stop(ts: ts, chunks)
        inFlight = InFlight(action: action, at: now, cards: last)
        return action
    }

    private func piece(upTo limit: Int, fillsMessage: Bool) -> StreamText.Piece? {
        isHidden ? nil : text.piece(upTo: limit, isEnd: false, fillsMessage: fillsMessage)
    }

    /// What a new message could show.
    private var wholeMessage: StreamText.Piece? { piece(upTo: mostText, fillsMessage: true) }

    /// Sent before the next text of the message.
    private var prefix: String { separator + (shownUnits == 0 ? messages.last?.opening ?? "" : "") }

    /// Applies the response to the action that ``next(at:)`` returned.
    mutating func handle(_ response: Response, at now: Instant) {
        guard let call = inFlight else { return }
        inFlight = nil
        nextCall = now + Self.pace
        switch call.action {
        case .start: started(response, call, at: now)
        case .append: appended(response, call, at: now)
        case .stop: ended(response, call.cards, at: now)
        case .wait, .done: break
        }
    }

    private mutating func started(_ response: Response, _ call: InFlight, at now: Instant) {
        switch response {
        case .sent(let ts):
            cards.confirm(call.cards)
            messages.append(StreamedMessage(ts: ts, opening: text.sent.isEmpty ? "" : text.fence.reopening))
            beginnings.append(Beginning(turn: turn, text: text))
            phase = .open(since: call.at)
        case .busy(let wait) where !messages.isEmpty:
            cards.requeue(call.cards)
            nextCall = now + max(wait, Self.pace)
        case .unsure:
            mayHaveStarted = true
            phase = .ended
        case .busy, .over, .stopped, .gone, .refused: phase = .ended
        }
    }

    private mutating func appended(_ response: Response, _ call: InFlight, at now: Instant) {
        let last = messages.count - 1
        switch response {
        case .sent, .unsure:
            cards.confirm(call.cards)
            if let piece = call.piece {
                if call.turn == turn { messages[last].raw += piece.raw }
                shownUnits += call.separator.utf16.count + piece.markdown.utf16.count
                if shownUnits == piece.markdown.utf16.count { shownUnits += messages[last].opening.utf16.count }
            }
            guard response == .unsure else { return }
            messages[last].isExact = false
            restart()
        case .busy(let wait):
            undo(call)
            nextCall = now + max(wait, Self.pace)
        case .over:
            undo(call)
            closeLast()
            restart()
        case .stopped:
            undo(call)
            closeLast()
            (isStopped, phase) = (true, .ended)
        case .gone:
            undo(call)
            forgetLast()
        case .refused:
            undo(call)
            phase = .ended
        }
    }

    private mutating func ended(_ response: Response, _ cards: [TaskCard], at now: Instant) {
        let last = messages.count - 1
        switch response {
        case .sent:
            messages[last].isOpen = false
            leaveMessage(after: cards)
        case .over:
            closeLast()
            leaveMessage(after: cards)
        case .stopped:
            closeLast()
            (isStopped, phase) = (true, .ended)
        case .gone: forgetLast()
        case .busy(let wait): nextCall = now + max(wait, Self.pace)
        case .unsure, .refused:
            messages[last].isExact = false
            restart(after: cards)
        }
    }

    /// The call had no effect.
    private mutating func undo(_ call: InFlight) {
        cards.requeue(call.cards)
        guard call.piece != nil, call.turn == turn else { return }
        text = text.restored(to: call.text)
        separator = call.separator
    }

    /// Slack has ended the last message's stream. A card that says there that a call runs would say so for ever.
    private mutating func closeLast() {
        let last = messages.count - 1
        messages[last].isOpen = false
        if !cards.last(isEnd: false).isEmpty { messages[last].isExact = false }
    }

    /// The last message was deleted: its text is shown nowhere.
    private mutating func forgetLast() {
        messages.removeLast()
        let beginning = beginnings.removeLast()
        text = text.restored(to: beginning.turn == turn ? beginning.text : StreamText())
        restart()
    }
}
