import Bridge
import Logging

/// All listeners by their keys. An envelope without a listener is acknowledged, logged and counted.
struct ListenerTable: Sendable {
    private let listeners: [ListenerKey: any Listener]
    private let logger: Logger

    /// When two listeners share a key, which is a mistake in the program, the later one is used.
    init(_ listeners: [any Listener], logger: Logger) {
        var table: [ListenerKey: any Listener] = [:]
        for listener in listeners {
            for key in listener.keys { table[key] = listener }
        }
        self.listeners = table
        self.logger = logger
    }

    /// Handles an envelope and returns its acknowledgement. Throws what its listener throws: then the envelope is not
    /// acknowledged.
    func receive(_ envelope: Envelope) async throws -> Acknowledgement {
        let key = ListenerKey(envelope)
        if let listener = key.flatMap({ listeners[$0] }) { return try await listener.handle(envelope) }
        let kind = ListenerKey.Kind(of: envelope)
        SocketModeMetrics.unhandled(kind)
        logger.debug(
            "Nothing listens to this envelope.",
            metadata: [
                "type": "\(envelope.type)", "kind": "\(kind?.rawValue ?? "other")", "id": "\(key?.id ?? "none")",
            ])
        return .empty
    }
}
