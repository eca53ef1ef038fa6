import Bridge

/// State machine that shows an answer while it is made as streamed messages in a thread: text as it comes, and a card
/// for each tool call. It names the next action; a driver performs one at a time and reports the response.
///
/// A stream only grows, and Slack ends it after five minutes. So a message is left for a new one before that, and when
/// it is full. Text that the model takes back stays until the end, when an edit replaces it. When a stream fails it is
/// known of each character whether it is shown, or its message is to be edited: ``finish(_:)`` returns what is left.
struct AnswerStream: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What to do next.
    enum Action: Sendable, Hashable {
        case start([StreamChunk])
        case append(ts: String, [StreamChunk])
        case stop(ts: String, [StreamChunk])
        /// Nothing before that instant or, for nil, before the next event.
        case wait(until: Instant?)
        /// Nothing more is streamed: the outbox sends the rest.
        case done
    }

    /// What an action led to.
    enum Response: Sendable, Hashable {
        /// `ts` of the message that was started.
        case sent(ts: String = "")
        /// Slack has ended the stream; the call had no effect.
        case over
        /// The asker has stopped the stream; the call had no effect.
        case stopped
        /// The message does not exist any more.
        case gone
        /// The call had no effect and may be repeated after this time.
        case busy(Duration)
        /// The same call can never succeed.
        case refused
        /// The effect is unknown.
        case unsure
    }

    enum Phase: Sendable, Hashable {
        /// No stream is open; one may be started.
        case idle
        case open(since: Instant)
        case ended
    }

    /// An action whose response is awaited, with the state to return to.
    struct InFlight: Sendable, Hashable {
        let action: Action
        let at: Instant
        var cards: [TaskCard] = []
        var piece: StreamText.Piece?
        /// The text before, the separator before, and the model turn that both belong to.
        var text = StreamText()
        var separator = ""
        var turn = 0
    }

    /// The place where a message begins in the text of a model turn.
    struct Beginning: Sendable, Hashable {
        let turn: Int
        let text: StreamText
    }

    /// Shorter than the five minutes after which Slack ends a stream.
    static let lifetime = Duration.seconds(240)
    /// The least time between two calls of a stream.
    static let pace = Duration.seconds(1)
    /// The most streams that are started after one has failed.
    private static let mostFailures = 3

    var text = StreamText()
    var cards: StreamCards
    var messages: [StreamedMessage] = []
    /// Of each message.
    var beginnings: [Beginning] = []
    var phase = Phase.idle
    var inFlight: InFlight?
    /// No call before this instant.
    var nextCall: Instant?
    /// The number of the model turn whose text this is.
    private(set) var turn = 0
    /// Sent before the next text: separates it from text that was taken back.
    var separator = ""
    /// UTF-16 units of the present message's text.
    var shownUnits = 0
    private var failures = 0
    /// Whether a message shows text that is no part of the answer.
    private(set) var isSuperseded = false
    /// Whether the text must not be shown: the answer is for the asker alone.
    private(set) var isHidden = false
    var mayHaveStarted = false
    /// Whether the asker has stopped the stream in Slack: the question is to be cancelled.
    var isStopped = false
    private let privateServers: Set<String>
    /// The most text of a message in UTF-16 units.
    let mostText: Int
    /// After this time a message is left for a new one.
    let lifetime: Duration

    /// - Parameters:
    ///   - question: its id. The key of a message is that of the post with the message's number as its part.
    ///   - privateServers: an answer with data of one of them is for the asker only, so that its text is not shown.
    ///   - acknowledgement, late: see ``StreamCards``.
    ///   - mostText: of a message in UTF-16 units, at most ``MarkdownParts/limit``.
    init(
        question: String, privateServers: Set<String> = [], acknowledgement: String? = nil,
        late: String = UserMessages.late, mostText: Int = MarkdownParts.limit, lifetime: Duration = Self.lifetime
    ) {
        self.mostText = min(mostText, MarkdownParts.limit)
        self.lifetime = lifetime
        cards = StreamCards(question: question, acknowledgement: acknowledgement, late: late)
        self.privateServers = privateServers
    }

    /// Applies one event of the answer.
    mutating func handle(_ event: AnswerEvent) {
        switch event {
        case .text(let text): self.text.append(text)
        case .narration:
            // It may say what a private server returned.
            if !isHidden { cards.handle(event) }
            discard(isWhole: true)
        case .textWithdrawn: discard(isWhole: false)
        case .toolStarted(let call), .toolFinished(let call):
            cards.handle(event)
            if call.outcome != .denied, privateServers.contains(call.name.server) { isHidden = true }
        case .status, .toolReturned: break
        }
    }

    /// The answer takes longer; text that appears says enough.
    mutating func becomeLate() {
        if text.sent.isEmpty { cards.becomeLate() }
    }

    /// The text of the turn is no part of the answer.
    ///
    /// - Parameter isWhole: whether the turn's text ended; what of it is shown is then completed.
    private mutating func discard(isWhole: Bool) {
        if !text.sent.isEmpty {
            isSuperseded = true
            for index in messages.indices { messages[index].supersede() }
            var rest = text
            let last = isWhole ? rest.piece(upTo: mostText / 2, isEnd: true) : nil
            if let last { rest.take(last) }
            let end = (last?.markdown ?? " …") + rest.fence.closing(isInLine: rest.isInLine) + "\n\n"
            separator = shownUnits > 0 || inFlight?.piece != nil ? separator + end : ""
        }
        text = StreamText()
        turn += 1
    }

    /// A stream has failed.
    mutating func restart(after last: [TaskCard] = []) {
        failures += 1
        leaveMessage(after: last)
        if failures > Self.mostFailures { phase = .ended }
    }

    /// The next message goes on.
    ///
    /// - Parameter last: the cards with which the present message ended.
    mutating func leaveMessage(after last: [TaskCard] = []) {
        phase = .idle
        cards.leaveMessage(after: last)
        if !text.sent.isEmpty, let index = messages.indices.last {
            messages[index].closing = text.fence.closing(isInLine: text.isInLine)
        }
        shownUnits = 0
        separator = ""
    }
}
