import Logging

/// What Omni does with certain envelopes: those of one event, command, action, view or shortcut, or of several.
protocol Listener: Sendable {
    /// What it is looked up by. No two listeners of a ``ListenerTable`` share a key.
    var keys: [ListenerKey] { get }

    /// Handles an envelope of one of its keys before it is acknowledged, for which Slack waits three seconds. What takes
    /// longer is left to ``DeferredWork`` or to the store. When it throws, the envelope is not acknowledged: Slack
    /// delivers an event again, and tells the user of a command or interaction that it failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement
}

extension Acknowledgement {
    /// The empty one, of an envelope with which nothing is done; the reason is logged.
    static func ignored(_ reason: String, _ logger: Logger) -> Acknowledgement {
        logger.debug("Ignored.", metadata: ["reason": "\(reason)"])
        return .empty
    }
}
