/// The status line under one thread while a question is worked on: what is sent to Slack, and when. Slack removes the
/// line when the app posts in the thread, and after two minutes; the thread's session stays in process until an empty
/// status or the end of a stream.
struct StatusLine: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Sendable, Hashable {
        /// ``handle(isShown:)`` follows. An empty text removes the line.
        case set(String)
        /// Until that time or the next change; nil: until the next change.
        case wait(until: Instant?)
        /// Nothing is left to send.
        case done
    }

    /// The time after which the same text is sent again.
    static let refresh = Duration.seconds(90)
    /// The least time between two texts.
    static let pace = Duration.seconds(1)
    /// Slack does not document its limit.
    private static let longest = 100

    private var wanted = ""
    private var last: (text: String, at: Instant)?
    private var isInFlight = false
    /// Whether Slack has, or may have, been told a text that it was not told the end of.
    private var isOpen = false
    /// Whether a message says what the line would say.
    private var isReplaced = false
    /// Whether Slack has removed the line, because that message was posted after it.
    private var isRemoved = false
    private var isEnded = false

    /// A line of which nothing is sent yet.
    init() {}

    /// A line that another process left: it is removed.
    static var left: StatusLine {
        var line = StatusLine()
        (line.isOpen, line.isEnded) = (true, true)
        return line
    }

    /// What the line is to say, after the app's name. Without effect once a message was posted, which says it then.
    mutating func show(_ text: String) {
        if !isReplaced { wanted = text.shortened(to: Self.longest) }
    }

    /// A message of the reply was posted in the thread.
    mutating func messagePosted() {
        (wanted, isReplaced) = ("", true)
        // A text that is in flight may follow the message.
        if !isInFlight { isRemoved = true }
    }

    /// The work is over.
    ///
    /// - Parameter isStreamed: whether the end of a stream follows, which ends the session's processing.
    mutating func end(isStreamed: Bool) {
        isEnded = true
        if isStreamed, isRemoved { isOpen = false }
    }

    /// What is to be done now. A text is returned once: the caller sends it.
    mutating func next(at now: Instant) -> Action {
        if isEnded {
            defer { isOpen = false }
            return isOpen ? .set("") : .done
        }
        guard !wanted.isEmpty else { return .wait(until: nil) }
        if let last {
            let due = last.at + (last.text == wanted ? Self.refresh : Self.pace)
            if due > now { return .wait(until: due) }
        }
        last = (wanted, now)
        isInFlight = true
        return .set(wanted)
    }

    /// The call has ended.
    ///
    /// - Parameter isShown: false when Slack certainly did not take the text.
    mutating func handle(isShown: Bool) {
        guard isInFlight else { return }
        isInFlight = false
        if isShown { isOpen = true }
    }
}
