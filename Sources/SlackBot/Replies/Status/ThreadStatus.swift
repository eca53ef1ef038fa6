import Bridge
import NIOConcurrencyHelpers

/// The status line of one reply. Its methods never wait: ``StatusLines`` makes the calls.
struct ThreadStatus: Sendable {
    private let line: NIOLockedValueBox<StatusLine>
    private let begun: @Sendable (MessageAddress, ThreadStatus) -> Void
    private let changes = ChangeSignal()

    /// - Parameter begun: receives the thread, once.
    init(_ line: StatusLine = StatusLine(), begun: @escaping @Sendable (MessageAddress, ThreadStatus) -> Void) {
        self.line = NIOLockedValueBox(line)
        self.begun = begun
    }

    /// Shows the line in that thread, until ``end(isStreamed:)``. Called once at most.
    func begin(in thread: MessageAddress) { begun(thread, self) }

    /// See ``StatusLine/show(_:)``.
    func show(_ text: String) { change { $0.show(text) } }

    /// See ``StatusLine/messagePosted()``.
    func messagePosted() { change { $0.messagePosted() } }

    /// See ``StatusLine/end(isStreamed:)``.
    func end(isStreamed: Bool) { change { $0.end(isStreamed: isStreamed) } }

    private func change(_ body: (inout StatusLine) -> Void) {
        line.withLockedValue(body)
        changes.send()
    }

    /// Sends what the line is to say with `send`, which returns whether Slack shows it, until nothing is left to send or
    /// the task is cancelled.
    func keep(_ send: (String) async -> Bool) async {
        while !Task.isCancelled {
            switch line.withLockedValue({ $0.next(at: .now) }) {
            case .set(let text):
                let isShown = await send(text)
                line.withLockedValue { $0.handle(isShown: isShown) }
            case .wait(let time): await changes.wait(until: time)
            case .done: return
            }
        }
    }
}
