import Bridge

/// The cards of a streamed answer: one for the model's work before the first tool call, then one for each call. When an
/// answer takes longer, the running card says so; where none runs, there is a further one for the model's work.
struct StreamCards: Sendable, Hashable {
    private struct Entry: Sendable, Hashable {
        /// With the number of the card as its id.
        var card: TaskCard
        /// The id of the call in its model turn.
        let call: String?
        /// Whether it has to be sent.
        var isNew = true
        /// Whether the present message has it.
        var isShown = false
        /// Whether it says while it is running that the answer takes longer.
        var isLate = false

        var isRunning: Bool { card.status == .inProgress }
    }

    /// The number of the present message, from 0.
    var message = 0
    private let question: String
    private let late: String
    private var entries: [Entry]
    /// What the model said about the calls that follow.
    private var narration: String?

    /// Slack accepts 50 blocks in a message's chunks.
    private static let mostCards = 40

    /// - Parameters:
    ///   - question: its id; with the message's number it begins the id of each card.
    ///   - acknowledgement: the title of the first card, in mrkdwn; nil: Omni's own.
    ///   - late: what the running card says when the answer takes longer, in mrkdwn.
    init(question: String, acknowledgement: String?, late: String) {
        self.question = question
        self.late = MarkdownPlainText.line(of: late) ?? UserMessages.late
        let title = acknowledgement.flatMap(MarkdownPlainText.line) ?? UserMessages.thinkingCard
        entries = [Entry(card: TaskCard(id: "0", title: title, status: .inProgress), call: nil)]
    }

    /// The card as the present message has it. By its id the message is found in the thread, see ``MessageKey``: a
    /// stream has no metadata before its end.
    private func shown(_ card: TaskCard) -> TaskCard {
        var shown = card
        shown.id = "\(question)-\(message).\(card.id)"
        return shown
    }

    mutating func handle(_ event: AnswerEvent) {
        switch event {
        case .narration(let text):
            narration = MarkdownMentions.broken(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        case .toolStarted(let call), .toolFinished(let call): note(call)
        case .status, .text, .toolReturned, .textWithdrawn: break
        }
    }

    /// Completes the cards of the model's work: text of the answer is shown, or a call begins.
    mutating func endThinking() {
        for index in entries.indices where entries[index].call == nil { change(index) { $0.status = .complete } }
    }

    /// The answer takes longer.
    mutating func becomeLate() {
        if !entries.contains(where: \.isRunning) {
            let card = TaskCard(id: "\(entries.count)", title: UserMessages.thinkingCard, status: .inProgress)
            entries.append(Entry(card: card, call: nil))
        }
        guard let index = entries.lastIndex(where: \.isRunning) else { return }
        (entries[index].isLate, entries[index].isNew) = (true, true)
    }

    private mutating func note(_ call: ToolActivity) {
        endThinking()
        let status: TaskCard.Status =
            switch call.outcome {
            case .running: .inProgress
            case .succeeded: .complete
            case .failed, .denied, .unknown: .error
            }
        let output = UserMessages.ending(of: call)
        // An id is unique in its model turn only.
        if let index = entries.lastIndex(where: { $0.call == call.id && $0.isRunning }) {
            return change(index) { ($0.status, $0.output) = (status, output) }
        }
        let card = TaskCard(
            id: "\(entries.count)", title: "\(call.name)", status: status, details: narration, output: output)
        entries.append(Entry(card: card, call: call.id))
        narration = nil
    }

    private mutating func change(_ index: Int, _ edit: (inout TaskCard) -> Void) {
        let before = entries[index].card
        edit(&entries[index].card)
        if entries[index].card != before { entries[index].isNew = true }
    }
}

/// What of the cards is sent.
extension StreamCards {
    var hasNews: Bool { entries.contains(where: \.isNew) }

    /// Whether the cards to send do not fit into the present message.
    var needMessage: Bool {
        let shown = entries.count(where: \.isShown)
        return shown > 0 && shown + entries.count(where: { $0.isNew && !$0.isShown }) > Self.mostCards
    }

    /// The cards that have to be sent, as many as a message holds; they count as sent until ``requeue(_:)``.
    mutating func takeNews() -> [TaskCard] {
        entries.indices.filter { entries[$0].isNew }.prefix(Self.mostCards).map { index in
            entries[index].isNew = false
            let entry = entries[index]
            var card = shown(entry.card)
            if entry.isShown { card.details = nil }
            // In the title: Slack replaces it with the next update, and appends details.
            if entry.isLate, entry.isRunning { card.title = entry.call == nil ? late : "\(card.title): \(late)" }
            return card
        }
    }

    /// The cards of a message that begins: those to send, else one that only says that the answer goes on.
    mutating func takeFirst() -> [TaskCard] {
        let news = takeNews()
        guard news.isEmpty else { return news }
        return [shown(TaskCard(id: "next", title: UserMessages.continuedCard, status: .complete))]
    }

    /// The present message has these cards.
    mutating func confirm(_ cards: [TaskCard]) {
        for index in entries.indices where cards.contains(where: { $0.id == shown(entries[index].card).id }) {
            entries[index].isShown = true
        }
    }

    /// These cards were not sent after all.
    mutating func requeue(_ cards: [TaskCard]) {
        for index in entries.indices where cards.contains(where: { $0.id == shown(entries[index].card).id }) {
            entries[index].isNew = true
        }
    }

    /// The final state of the present message's cards: without it Slack shows a running call for ever.
    ///
    /// - Parameter isEnd: whether the answer ends with it.
    func last(isEnd: Bool) -> [TaskCard] {
        entries.filter { $0.isShown && ($0.isNew || $0.isRunning) || isEnd && $0.isNew && !$0.isRunning }
            .prefix(Self.mostCards).map { entry in
                var card = shown(entry.card)
                if entry.isShown { card.details = nil }
                guard entry.isRunning else { return card }
                card.status = .complete
                if entry.call != nil { card.output = isEnd ? UserMessages.notFinished : UserMessages.continuesBelow }
                return card
            }
    }

    /// The next message shows running calls again, also those that have ended since the present one's last cards, and
    /// those that the present one does not have.
    mutating func leaveMessage(after last: [TaskCard]) {
        for index in entries.indices {
            let entry = entries[index]
            let wasRunning = last.contains { $0.id == shown(entry.card).id && $0.output == UserMessages.continuesBelow }
            entries[index].isNew = entry.isRunning || wasRunning || entry.isNew && !entry.isShown
            entries[index].isShown = false
        }
    }
}
